"""Opening another source never changes weights: gray is read as R = G = B, colour as its luminance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from convlab.model import edits, opening
from convlab.model.colours import with_channels
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack_presets import STACK_PRESETS, apply_preset

NAMES = {1: ("gray",), 2: ("gray", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A"), 5: tuple("abcde")}
RNG = np.random.default_rng(7)


def photo(channels: int, dtype: type = np.uint8) -> Source:
    top = 255.0 if dtype is np.uint8 else 65535.0
    pixels = RNG.integers(0, int(top) + 1, (9, 11, channels)).astype(dtype)
    return Source(f"{channels}.png", pixels, NAMES[channels], top)


def document(inputs: int = 3, **layer: object) -> Document:
    spec = ConvSpec(inputs, 4, **layer)
    rng = np.random.default_rng(inputs)
    return new_document(photo(inputs), spec, rng.normal(size=spec.weight_shape), rng.normal(size=4))


def test_gray_between_two_colour_photos_leaves_every_weight() -> None:
    start = document()
    gray = opening.set_source(start, photo(1))
    colour = opening.set_source(gray, photo(3))
    for after in (gray, colour):
        np.testing.assert_array_equal(after.conv.weight, start.conv.weight)
        assert after.conv.spec == start.conv.spec
        assert after.problems() == ()
    assert gray.picture.channel_names == ("R", "G", "B")
    for channel in range(3):
        np.testing.assert_array_equal(gray.picture.pixels[..., channel], gray.source.pixels[..., 0])
    assert colour.picture is colour.source


def test_colour_under_a_layer_of_one_input_is_its_luminance_as_pillow_has_it() -> None:
    colour = photo(3)
    after = opening.set_source(document(1), colour)
    assert after.conv.spec.in_channels == 1
    wanted = np.asarray(Image.fromarray(colour.pixels).convert("L"))
    np.testing.assert_array_equal(after.picture.pixels[..., 0], wanted)


def test_luminance_keeps_16_bits_and_floats() -> None:
    colour = photo(3, np.uint16)
    deep, exact = with_channels(colour, "luminance"), colour.pixels.astype(np.float64) @ [0.299, 0.587, 0.114]
    assert deep.pixels.dtype == np.uint16
    np.testing.assert_allclose(deep.pixels[..., 0], exact, atol=1.2)
    real = replace(photo(3), pixels=RNG.normal(size=(4, 5, 3)).astype(np.float32))
    np.testing.assert_allclose(
        with_channels(real, "luminance").pixels[..., 0], real.pixels @ [0.299, 0.587, 0.114], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(("inputs", "channels"), [(3, 2), (1, 4)])
def test_alpha_stays_out(inputs: int, channels: int) -> None:
    after = opening.set_source(document(inputs), photo(channels))
    assert after.picture.channel_names[-1] == "A"
    assert [channel.used for channel in after.channels] == [True] * inputs + [False]
    np.testing.assert_array_equal(after.picture.pixels[..., -1], after.source.pixels[..., -1])


@pytest.mark.parametrize(("inputs", "channels", "refused"), [(3, 5, False), (5, 3, True), (2, 1, True), (2, 3, False)])
def test_other_differences_change_no_weight_and_are_said(inputs: int, channels: int, refused: bool) -> None:
    spec = ConvSpec(inputs, 2)
    source = Source(
        "s.tif", RNG.normal(size=(9, 9, inputs)).astype(np.float32), tuple(f"c{n}" for n in range(inputs)), 1
    )
    before = new_document(source, spec, RNG.normal(size=spec.weight_shape))
    after = opening.set_source(before, photo(channels))
    np.testing.assert_array_equal(after.conv.weight, before.conv.weight)
    assert bool(after.problems()) is refused
    notice = opening.notice_of(before, after)
    assert notice is not None
    mended = notice.edit(after)
    assert mended.conv.spec.in_channels == channels
    assert mended.problems() == ()


def test_the_other_choice_reads_the_picture_as_it_is_and_what_does_not_fit_comes_back() -> None:
    start = document()
    gray = opening.set_source(start, photo(1))
    notice = opening.notice_of(start, gray)
    assert notice is not None
    own = notice.edit(gray)
    assert own.picture is own.source is gray.source
    assert own.conv.spec.in_channels == 1
    np.testing.assert_array_equal(own.conv.kernel_slices[:, 0], start.conv.kernel_slices[:, 0])
    changed = edits.set_weight(own, (0, 0, 1, 1), 42.0)
    back = opening.read_as_it_is(opening.set_source(changed, photo(3)))
    np.testing.assert_array_equal(back.conv.kernel_slices[:, 1:], start.conv.kernel_slices[:, 1:])
    assert back.conv.kernel_slices[0, 0, 1, 1] == 42.0


def test_kernels_of_left_out_channels_come_back_in_any_steps() -> None:
    start = document()
    for numbers in ((1, 3), (2, 1, 3), (1, 2, 3)):
        now = start
        for number in numbers:
            now = edits.set_layer(now, in_channels=number)
        assert now == edits.set_layer(start, in_channels=3)
    narrow = edits.set_layer(edits.set_layer(start, in_channels=1), kernel_size=(5, 5))
    wide = edits.set_layer(narrow, in_channels=3)
    np.testing.assert_array_equal(wide.conv.weight[..., 1:4, 1:4], start.conv.weight)


def test_a_depthwise_layer_comes_back_whole() -> None:
    spec = ConvSpec(3, 3, groups=3)
    start = new_document(photo(3), spec, RNG.normal(size=spec.weight_shape))
    gray = opening.read_as_it_is(opening.set_source(start, photo(1)))
    assert gray.conv.spec.groups == 1
    back = opening.read_as_it_is(opening.set_source(gray, photo(3)))
    np.testing.assert_array_equal(back.conv.weight, start.conv.weight)
    assert back.conv.spec.groups == 3


def test_more_inputs_than_there_ever_were_repeat_the_kernels() -> None:
    own = opening.read_as_it_is(opening.set_source(document(1), photo(3)))
    for channel in range(3):
        np.testing.assert_array_equal(own.conv.kernel_slices[:, channel], document(1).conv.kernel_slices[:, 0])


def test_a_stack_keeps_every_weight() -> None:
    stack = apply_preset(document(), STACK_PRESETS["separable"])
    gray = opening.set_source(stack, photo(1))
    assert [entry.layer for entry in gray.layers] == [entry.layer for entry in stack.layers]
    assert gray.problems() == ()


def test_a_lazy_layer_reads_what_there_is_and_gives_it_back() -> None:
    lazy = edits.set_kind(document(), "LazyConv2d")
    gray = opening.set_source(lazy, photo(1))
    assert gray.conv.spec.in_channels == 1
    assert opening.notice_of(lazy, gray) is not None
    np.testing.assert_array_equal(opening.set_source(gray, photo(3)).conv.weight, lazy.conv.weight)


def test_signals_and_volumes_bring_their_layer_and_say_so() -> None:
    start = document()
    signal = Source("s.wav", np.zeros((1, 9, 2), np.float32), ("left", "right"), 1.0, signal=True)
    clip = volume_source(
        np.zeros((4, 5, 6, 1), np.uint8), Source("c.gif", np.zeros((5, 6, 1), np.uint8), ("gray",), 255)
    )
    for source, kind in ((signal, "Conv1d"), (clip, "Conv3d")):
        after = opening.set_source(start, source)
        notice = opening.notice_of(start, after)
        assert after.conv.spec.kind == kind
        assert notice is not None
        assert kind in str(notice.text)
        assert notice.edit(after) == start


def test_the_same_number_of_channels_needs_no_word() -> None:
    start = document()
    assert opening.notice_of(start, opening.set_source(start, photo(4))) is None
