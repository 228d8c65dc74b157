"""The PyTorch code of a layer's parameters and numbers."""

from __future__ import annotations

import numpy as np

from convlab.model.layer import SIZES, ConvSpec


def constructor(spec: ConvSpec) -> str:
    """`nn.Conv2d(…)` with every argument that differs from torch's default, by torch's names."""
    arguments, kernel = [] if spec.lazy else [str(spec.in_channels)], size_text(spec.torch_sizes(spec.kernel_size))
    arguments += [str(spec.out_channels), f"kernel_size={kernel}"]
    defaults = {"stride": 1, "padding": 0, "dilation": 1} | ({"output_padding": 0} if spec.transposed else {})
    for name, default in defaults.items():
        given = getattr(spec, name)
        value = given if isinstance(given, str) else spec.torch_sizes(given)
        if value not in ((default,) * spec.dims, "causal"):
            arguments.append(f"{name}={size_text(value)}")
    if spec.groups != 1:
        arguments.append(f"groups={spec.groups}")
    if not spec.bias:
        arguments.append("bias=False")
    if spec.padding_mode != "zeros":
        arguments.append(f"padding_mode={spec.padding_mode!r}")
    arguments += placed(spec)
    return f"nn.{spec.kind}({', '.join(arguments)})"


def torch_repr(spec: ConvSpec, called: bool = True) -> str:
    """What print(layer) shows, as extra_repr of torch.nn.modules.conv._ConvNd does; called: of a lazy layer after that.

    The first call makes of a lazy layer one of the plain class, with as many in_channels as the input has.
    """
    waiting = spec.lazy and not called
    given = {name: getattr(spec, name) for name in SIZES}
    sizes = {name: each if isinstance(each, str) else spec.torch_sizes(each) for name, each in given.items()}
    parts = [f"{0 if waiting else spec.in_channels}, {spec.out_channels}, kernel_size={sizes['kernel_size']}"]
    parts.append(f"stride={sizes['stride']}")
    if sizes["padding"] not in ((0,) * spec.dims, "causal"):
        parts.append(f"padding={sizes['padding']}")
    if sizes["dilation"] != (1,) * spec.dims:
        parts.append(f"dilation={sizes['dilation']}")
    if spec.transposed and sizes["output_padding"] != (0,) * spec.dims:
        parts.append(f"output_padding={sizes['output_padding']}")
    if spec.groups != 1:
        parts.append(f"groups={spec.groups}")
    if not spec.bias:
        parts.append("bias=False")
    if spec.padding_mode != "zeros":
        parts.append(f"padding_mode={spec.padding_mode}")
    name = spec.kind if waiting else spec.kind.removeprefix("Lazy")
    return f"{name}({', '.join(parts)})"


def placed(spec: ConvSpec) -> list[str]:
    """The device and dtype arguments, where they are not torch's own."""
    found = [] if spec.device == "cpu" else [f"device={spec.device!r}"]
    return found if spec.dtype == "float32" else [*found, f"dtype=torch.{spec.dtype}"]


def size_text(size: tuple[int, ...] | str) -> str:
    """A size as code: 3, (3, 5) or 'same'."""
    if isinstance(size, str):
        return repr(size)
    return str(size[0]) if len(set(size)) == 1 else str(size)


def tensor(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """torch.tensor(…); rows that need several lines stand on their own, eight columns in."""
    start = "\n        " if array.ndim > 1 else ""
    return f"torch.tensor({start}{_nested(array.tolist(), 8)}, dtype=torch.float64)"


def _nested(values: object, indent: int) -> str:
    """Nested lists, innermost rows on a line each."""
    if not isinstance(values, list):
        return _number(float(values))  # type: ignore[arg-type]  # leaves of ndarray.tolist() are floats
    if not values or not isinstance(values[0], list):
        return "[" + ", ".join(_nested(v, 0) for v in values) + "]"
    inner = (",\n" + " " * (indent + 1)).join(_nested(v, indent + 1) for v in values)
    return f"[{inner}]"


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return f"float('{value}')"
    return repr(int(value)) + "." if value.is_integer() and abs(value) < 1e15 else repr(value)
