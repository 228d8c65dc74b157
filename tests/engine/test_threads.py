"""What the screen shows is computed on one thread where it is little, on all cores where it takes long."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from convlab.engine.bank import FilterBank
from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.engine.threads import one_thread, use_all_cores
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole
from convlab.model.source import Source


@pytest.mark.parametrize(("outputs", "kernel", "threads"), [(6, 3, 1), (64, 15, os.cpu_count())])
def test_waking_other_threads_must_be_worth_it(
    outputs: int, kernel: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    convolve = FilterBank.convolve

    def noted(self: FilterBank, *args: object) -> None:
        seen.append(torch.get_num_threads())
        convolve(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(FilterBank, "convolve", noted)
    use_all_cores()
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    spec = ConvSpec(3, outputs, (kernel, kernel), padding="same")
    document = new_document(Source("x", pixels, ("R", "G", "B"), 255.0), spec, np.ones(spec.weight_shape))
    with one_thread():
        Evaluator().live(edited(document), whole(200, 300), map_filters(edited(document), range(outputs)))
    assert seen == [threads]
    assert torch.get_num_threads() == os.cpu_count()
