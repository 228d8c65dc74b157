"""What people call the modules of a network in its class: conv1, relu1, pool1, bn1, each kind counted by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from convlab.model.layers.base import Step

_USUAL = {"batch_norm": "bn", "linear": "fc"}
"""Where it is shorter than torch's own name of the class."""


def named(steps: Iterable[Step]) -> list[Step]:
    """The steps with a name of its own for each module; a method of tensors keeps its own."""
    counts: Counter[str] = Counter()
    found = []
    for step in steps:
        if step.code:
            kind = usual_name(step.code)
            counts[kind] += 1
            step = replace(step, name=f"{kind}{'_' * kind[-1].isdigit()}{counts[kind]}")
        found.append(step)
    return found


def usual_name(code: str) -> str:
    """Of the module that this makes: 'conv' of nn.LazyConv2d(…), 'pool' of nn.MaxPool2d(…), 'leaky_relu', 'relu6'."""
    made = re.match(r"nn\.(?:Lazy)?(\w+?)(?:\dd)?\(", code)
    if made is None:
        raise ValueError(code)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", made[1].replace("LU", "lu")).lower()  # ReLU and SiLU are one word
    words = re.sub(r".*_(pool|pad)$", r"\1", words)
    return _USUAL.get(words, words)
