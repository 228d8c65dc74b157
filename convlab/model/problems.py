"""What torch would refuse about a layer, found without running torch.

Each check follows torch's own: the constructor of nn.modules.conv._ConvNd, torch.nn.functional.pad for the
padding modes, and the size check of the convolution itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import gcd, prod

from convlab.model.layer import AXES, DTYPES, PADDING_MODES, ROWS, SIZES, ConvSpec, Sizes
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.shape import memory_needed, output_size

AXIS_NAMES = {1: ("", "", "length"), 2: ("", "height", "width"), 3: ("depth", "height", "width")}
"""By dims: the others say nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the machine can do: its devices, and the bytes one layer may take."""

    devices: tuple[str, ...] = ("cpu",)
    memory_bytes: int = 8 << 30


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing torch would refuse: the field at fault, why, and the nearest value that works.

    place: of the layer in its stack, where that is not the edited one.
    """

    field: str
    message: Message
    value: object
    place: int | None = None

    def __str__(self) -> str:
        return str(self.message)


def problems(spec: ConvSpec, channels: int, size: Sizes, limits: Limits | None = None) -> tuple[Problem, ...]:
    """Everything wrong with `spec` for an input of `channels` channels, each (depth, rows, columns) `size`; () when
    torch accepts.

    Checks come in the order in which torch would trip over them; later ones are only made where the earlier
    ones leave them a meaning.
    """
    limits = limits or Limits()
    found = tuple(_number_problems(spec)) + tuple(_name_problems(spec, limits))
    if not found:
        found = tuple(_channel_problems(spec, channels)) + tuple(_padding_problems(spec, size))
    if not found:
        found = tuple(_size_problems(spec, size))
    return found or tuple(_memory_problems(spec, size, limits))


def _number_problems(spec: ConvSpec) -> Iterator[Problem]:
    least: dict[str, int] = {"in_channels": 1, "out_channels": 1, "groups": 1}
    template = QT_TRANSLATE_NOOP("model", "{field} is {value}, but must be at least {least}.")
    for field, low in least.items():
        value = getattr(spec, field)
        if value < low:
            yield Problem(field, message(template, field=field, value=value, least=low), low)
    for field in SIZES:
        sizes, low = getattr(spec, field), 0 if "padding" in field else 1
        if not isinstance(sizes, str) and min(sizes) < low:
            fixed = tuple(max(low, n) for n in sizes)
            yield Problem(field, message(template, field=field, value=_text(spec, sizes), least=low), fixed)


def _name_problems(spec: ConvSpec, limits: Limits) -> Iterator[Problem]:
    template = QT_TRANSLATE_NOOP("model", "{field} '{value}' is not one of {choices}.")
    choices: dict[str, tuple[str, ...]] = {
        "padding_mode": PADDING_MODES,
        "dtype": tuple(DTYPES),
        "device": limits.devices,
    }
    for field, allowed in choices.items():
        value = getattr(spec, field)
        if value not in allowed:
            text = message(template, field=field, value=value, choices=", ".join(allowed))
            yield Problem(field, text, allowed[0])
    words = padding_words(spec.dims)
    if isinstance(spec.padding, str) and spec.padding not in words:
        text = message(template, field="padding", value=spec.padding, choices=f"{', '.join(words)}, or numbers")
        yield Problem("padding", text, "same")


def padding_words(dims: int) -> tuple[str, ...]:
    """The words that padding may be."""
    return ("same", "valid", "causal") if dims == 1 else ("same", "valid")


def _channel_problems(spec: ConvSpec, channels: int) -> Iterator[Problem]:
    if spec.in_channels > channels:
        template = QT_TRANSLATE_NOOP(
            "model", "in_channels is {wanted}, but the input has {channels}: stack another photo, or use {channels}."
        )
        yield Problem("in_channels", message(template, wanted=spec.in_channels, channels=channels), channels)
    if not spec.groups_divide:
        best = _nearest_divisor(spec.groups, gcd(spec.in_channels, spec.out_channels))
        template = QT_TRANSLATE_NOOP(
            "model",
            "groups {groups} must divide in_channels {in_channels} and out_channels {out_channels}: {best} does.",
        )
        values = {"in_channels": spec.in_channels, "out_channels": spec.out_channels, "best": best}
        yield Problem("groups", message(template, groups=spec.groups, **values), best)


def _padding_problems(spec: ConvSpec, size: Sizes) -> Iterator[Problem]:
    if spec.transposed:
        yield from _transposed_problems(spec)
    elif spec.padding == "same" and max(spec.stride) > 1:
        half = tuple((extent - 1) // 2 for extent in spec.extent)
        template = QT_TRANSLATE_NOOP(
            "model", "padding 'same' works only with stride 1, not {stride}: padding {half} is its nearest in numbers."
        )
        values = {"stride": _text(spec, spec.stride), "half": _text(spec, half)}
        yield Problem("padding", message(template, **values), half)
    elif spec.padding == "causal" and spec.padding_mode != "zeros":
        template = QT_TRANSLATE_NOOP("model", "padding 'causal' adds zeros: padding_mode 'zeros' goes with it.")
        yield Problem("padding_mode", message(template), "zeros")
    elif spec.padding_mode in ("reflect", "circular"):
        yield from _repeat_problems(spec, size)


def _transposed_problems(spec: ConvSpec) -> Iterator[Problem]:
    """Numbers only, zeros only, and output_padding smaller than stride or dilation."""
    if isinstance(spec.padding, str):
        numbers = tuple(before for before, _ in spec.pads)
        template = QT_TRANSLATE_NOOP(
            "model", "padding '{word}' is for Conv{dims}d: ConvTranspose{dims}d wants numbers."
        )
        yield Problem("padding", message(template, word=spec.padding, dims=spec.dims), numbers)
    if spec.padding_mode != "zeros":
        template = QT_TRANSLATE_NOOP("model", "ConvTranspose{dims}d knows padding_mode 'zeros' only, not '{mode}'.")
        yield Problem("padding_mode", message(template, mode=spec.padding_mode, dims=spec.dims), "zeros")
    most = tuple(max(stride, dilation) - 1 for stride, dilation in zip(spec.stride, spec.dilation, strict=True))
    if any(extra > limit for extra, limit in zip(spec.output_padding, most, strict=True)):
        template = QT_TRANSLATE_NOOP(
            "model", "output_padding {extra} must be smaller than stride or dilation: at most {most} here."
        )
        values = {"extra": _text(spec, spec.output_padding), "most": _text(spec, most)}
        fixed = tuple(min(extra, limit) for extra, limit in zip(spec.output_padding, most, strict=True))
        yield Problem("output_padding", message(template, **values), fixed)


def _repeat_problems(spec: ConvSpec, size: Sizes) -> Iterator[Problem]:
    """Reflect needs padding < size, circular ≤ size: there is no more picture to repeat."""
    most = tuple(n - 1 if spec.padding_mode == "reflect" else n for n in size)
    for axis, (pad, limit) in enumerate(zip(spec.pads, most, strict=True)):
        if max(pad) <= limit:
            continue
        values = {
            "mode": spec.padding_mode,
            "axis": AXIS_NAMES[spec.dims][axis],
            "pad": max(pad),
            "size": size[axis],
            "limit": limit,
        }
        if isinstance(spec.padding, str):
            template = QT_TRANSLATE_NOOP(
                "model",
                "padding_mode '{mode}' cannot pad the {axis} by {pad}: the input has {size}, so at most {limit} works; "
                "'replicate' has no limit.",
            )
            yield Problem("padding_mode", message(template, **values), "replicate")
        else:
            fixed = tuple(min(p, m) for p, m in zip(spec.padding, most, strict=True))
            template = QT_TRANSLATE_NOOP(
                "model",
                "padding {pad} in {axis} is too much for padding_mode '{mode}' on an input of {size}: "
                "at most {limit} works.",
            )
            yield Problem("padding", message(template, **values), fixed)
        return


def _size_problems(spec: ConvSpec, size: Sizes) -> Iterator[Problem]:
    if min(output_size(spec, size)) >= 1:
        return
    if spec.transposed:
        yield _cut_away(spec, size)
        return
    fits = tuple(
        min(k, (n + sum(pad) - 1) // d + 1)
        for k, n, pad, d in zip(spec.kernel_size, size, spec.pads, spec.dilation, strict=True)
    )
    padded = tuple(n + sum(pad) for n, pad in zip(size, spec.pads, strict=True))
    values = {
        "extent": _text(spec, spec.extent),
        "padded": _text(spec, padded),
        "fits": _text(spec, fits),
    }
    template = QT_TRANSLATE_NOOP(
        "model", "The kernel spans {extent}, more than the padded input of {padded}: kernel_size {fits} fits."
    )
    yield Problem("kernel_size", message(template, **values), fits)


def _cut_away(spec: ConvSpec, size: Sizes) -> Problem:
    """Padding of a transposed layer cuts rows and columns off its output; here all of them."""
    before = output_size(replace(spec, padding=(0,) * AXES), size)
    most = tuple(min(pad[0], (n - 1) // 2) for pad, n in zip(spec.pads, before, strict=True))
    template = QT_TRANSLATE_NOOP(
        "model", "padding {padding} cuts all of the output of {before} away: at most {most} leaves some."
    )
    values = {"before": _text(spec, before), "most": _text(spec, most)}
    return Problem("padding", message(template, padding=_text(spec, tuple(p for p, _ in spec.pads)), **values), most)


def _memory_problems(spec: ConvSpec, size: Sizes, limits: Limits) -> Iterator[Problem]:
    need = memory_needed(spec, size)
    if need <= limits.memory_bytes:
        return
    field, value = _largest_that_fits(spec, size, limits)
    template = QT_TRANSLATE_NOOP(
        "model", "This layer needs {need}, more than the {budget} there are: {field} {value} fits."
    )
    text = value if isinstance(value, int) else _text(spec, value)
    values = {"need": bytes_text(need), "budget": bytes_text(limits.memory_bytes), "field": field, "value": text}
    yield Problem(field, message(template, **values), value)


def map_problems(field: str, made: Sizes, works: object, limits: Limits | None) -> tuple[Problem, ...]:
    """Where a map of this size takes more memory than there is, in float64: a layer's field at fault, and what fits."""
    budget, need = (limits or Limits()).memory_bytes, prod(made[ROWS:]) * DTYPES["float64"]
    if need <= budget:
        return ()
    template = QT_TRANSLATE_NOOP("model", "A map of this layer needs {need}, more than the {budget} there are.")
    return (Problem(field, message(template, need=bytes_text(need), budget=bytes_text(budget)), works),)


def _largest_that_fits(spec: ConvSpec, size: Sizes, limits: Limits) -> tuple[str, int | Sizes]:
    """The field to shrink, and its largest value within the budget, found by halving."""
    for field in ("out_channels", "kernel_size", "padding"):
        value = getattr(spec, field)
        while not isinstance(value, str):
            value = _halved(spec, field, value)
            smaller = replace(spec, **{field: value})  # type: ignore[arg-type]  # field names one of these
            if memory_needed(smaller, size) <= limits.memory_bytes and min(output_size(smaller, size)) >= 1:
                return field, value
            if value == _halved(spec, field, value):
                break
    return "kernel_size", (1,) * AXES


def _halved(spec: ConvSpec, field: str, value: int | Sizes) -> int | Sizes:
    if isinstance(value, int):
        return max(1, value // 2 // spec.groups) * spec.groups
    low = 0 if field == "padding" else 1
    return tuple(max(low, n // 2) for n in value)


def _nearest_divisor(wanted: int, number: int) -> int:
    divisors = [n for n in range(1, number + 1) if number % n == 0]
    return min(divisors, key=lambda n: (abs(n - wanted), n))


def _text(spec: ConvSpec, sizes: Sizes) -> str:
    sizes = spec.torch_sizes(sizes)
    return str(sizes[0]) if len(set(sizes)) == 1 else " × ".join(map(str, sizes))


def bytes_text(count: int) -> str:
    """A memory size for a person: '812 MB', '12.3 GB' (powers of 1000)."""
    amount, units = float(count), iter(("B", "kB", "MB", "GB", "TB", "PB", "EB"))
    unit = next(units)
    while amount >= 999.5 and unit != "EB":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.3g} {unit}"
