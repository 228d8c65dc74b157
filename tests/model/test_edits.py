"""Weights that still have a place are kept, edits are pure, undo brings everything back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convlab.model import edits, opening
from convlab.model.document import Document, new_document
from convlab.model.history import MAX_OTHER_PIXELS, History
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError, message
from convlab.model.source import Source
from convlab.model.weights import fit_kernel

LABEL = message("edit")


def source(channels: int = 3, name: str = "photo") -> Source:
    names = {1: ("gray",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}[channels]
    return Source(name, np.zeros((20, 30, channels), np.uint8), names, 255)


def document(outputs: int = 4, kernel: tuple[int, int] = (3, 3)) -> Document:
    spec = ConvSpec(3, outputs, kernel)
    return new_document(source(), spec, np.random.default_rng(0).normal(size=spec.weight_shape))


@given(st.tuples(st.integers(1, 7), st.integers(1, 7)), st.tuples(st.integers(0, 6), st.integers(0, 6)))
def test_a_kernel_grows_about_its_centre_and_shrinks_back(size: tuple[int, int], more: tuple[int, int]) -> None:
    kernel = np.random.default_rng(1).normal(size=size)
    grown = fit_kernel(kernel, (size[0] + more[0], size[1] + more[1]))
    assert grown.sum() == pytest.approx(kernel.sum())
    assert np.array_equal(fit_kernel(grown, size), kernel)
    centre, old = [(n - 1) // 2 for n in grown.shape], [(n - 1) // 2 for n in size]
    assert grown[tuple(centre)] == kernel[tuple(old)]


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")
def test_a_larger_kernel_computes_the_same_map_under_same_padding() -> None:
    kernel = np.random.default_rng(1).normal(size=(2, 3))
    photo = torch.rand(1, 1, 12, 12, dtype=torch.float64)
    small = torch.conv2d(photo, torch.tensor(kernel)[None, None], padding="same")
    large = torch.conv2d(photo, torch.tensor(fit_kernel(kernel, (5, 6)))[None, None], padding="same")
    assert torch.allclose(small, large)


def test_more_outputs_keep_the_old_and_fewer_keep_the_first() -> None:
    before = document()
    more = edits.set_layer(before, out_channels=6)
    assert np.array_equal(more.conv.weight[:4], before.conv.weight)
    assert np.abs(more.conv.kernel_slices[4:]).max() > 0
    fewer = edits.set_layer(before, out_channels=2)
    assert np.array_equal(fewer.conv.weight, before.conv.weight[:2])
    assert edits.set_layer(before, out_channels=6) == more


def test_groups_keep_each_pair_of_channels() -> None:
    before = document(outputs=6)
    grouped = edits.set_layer(before, groups=3)
    for o in range(6):
        assert np.array_equal(grouped.conv.kernel_slices[o, 0], before.conv.kernel_slices[o, o // 2])
    back = edits.set_layer(grouped, groups=1)
    for o in range(6):
        assert np.array_equal(back.conv.kernel_slices[o, o // 2], before.conv.kernel_slices[o, o // 2])
        assert not back.conv.kernel_slices[o, (o // 2 + 1) % 3].any()


def test_typing_through_impossible_groups_loses_no_weight() -> None:
    before = document()
    impossible = edits.set_layer(before, groups=3)
    assert impossible.problems()
    assert edits.set_layer(impossible, groups=1) == before


@pytest.mark.parametrize(
    "changes",
    [{"kernel_size": (5, 2)}, {"kernel_size": (1, 1)}, {"out_channels": 1}, {"in_channels": 1}, {"groups": 1}],
)
def test_undo_brings_back_what_had_no_place(changes: dict[str, object]) -> None:
    history = History(document())
    before = history.present
    history = history.push(edits.set_layer(before, **changes), LABEL)
    assert history.undo().present == before
    assert history.undo().redo().present == history.present


EDITS = {
    "weight": lambda d, n: edits.set_weight(d, (0, 0, 0, 0), n),
    "stride": lambda d, n: edits.set_layer(d, padding=(1, 1), stride=(n, n)),
    "mute": lambda d, n: edits.change_channel(d, n % 3, muted=True),
    "bias": lambda d, n: edits.set_bias(d, 0, n),
    "kernel": lambda d, n: edits.set_layer(d, kernel_size=(n, 3)),
    "outputs": lambda d, n: edits.set_layer(d, out_channels=n),
}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(1, 4)), max_size=12))
def test_undoing_every_edit_is_the_beginning(steps: list[tuple[str, int]]) -> None:
    start = document()
    history = History(start)
    for kind, number in steps:
        history = history.push(EDITS[kind](history.present, number), LABEL)
    end = history.present
    for _ in steps:
        history = history.undo()
    assert history.present == start
    for _ in steps:
        history = history.redo()
    assert history.present == end


def test_alpha_is_left_out_until_asked_for() -> None:
    with_alpha = opening.set_source(document(), source(4))
    assert with_alpha.conv.spec.in_channels == 3
    assert [channel.used for channel in with_alpha.channels] == [True, True, True, False]
    used = edits.change_channel(with_alpha, 3, used=True)
    assert used.conv.spec.in_channels == 4


def test_the_last_channel_can_be_muted_but_not_left_out() -> None:
    gray = new_document(source(1), ConvSpec(1, 1), np.zeros((1, 1, 3, 3)))
    with pytest.raises(ConvLabError, match="at least one channel"):
        edits.change_channel(gray, 0, used=False)
    assert edits.change_channel(gray, 0, muted=True).input_gains == (0.0,)


def test_in_channels_set_by_hand_reads_the_first_channels() -> None:
    by_hand = edits.set_layer(document(), in_channels=2)
    assert [channel.index for channel in by_hand.input_channels] == [0, 1]
    assert opening.set_source(by_hand, source(1)).conv.spec.in_channels == 2
    assert edits.follow_in_channels(by_hand).conv.spec.in_channels == 3


def test_an_action_acts_on_its_scope_alone() -> None:
    before = document()
    touched = {
        "kernel": {(1, 2)},
        "row": {(1, 0), (1, 1), (1, 2)},
        "column": {(o, 2) for o in range(4)},
        "all": {(o, i) for o in range(4) for i in range(3)},
    }
    for scope, places in touched.items():
        after = edits.act_on_kernels(before, scope, (1, 2), lambda kernel: kernel * 0)
        zero = {(o, i) for o in range(4) for i in range(3) if not after.conv.kernel_slices[o, i].any()}
        assert zero == places


def test_a_larger_pasted_kernel_makes_all_kernels_grow() -> None:
    before = document()
    block = np.arange(25.0).reshape(5, 5)
    after = edits.paste_kernel(before, (0, 1), block, None)
    assert after.conv.spec.kernel_size == (1, 5, 5)
    assert np.array_equal(after.conv.kernel_slices[0, 1], block)
    assert np.array_equal(after.conv.kernel_slices[3, 0, 1:4, 1:4], before.conv.kernel_slices[3, 0])


def test_undo_holds_on_to_no_more_photos_than_its_budget() -> None:
    history = History(document())
    for n in range(5):
        large = np.zeros((1024, MAX_OTHER_PIXELS // 2 // 3072 + 1, 3), np.uint8)  # memory that is never touched
        other = replace(source(3, f"photo {n}"), pixels=large)
        history = history.push(opening.set_source(history.present, other), LABEL)
    held = {step.document.source.name for step in history.past}
    assert held == {"photo 3"}


def test_documents_hold_read_only_weights() -> None:
    with pytest.raises(ValueError, match="read-only"):
        document().conv.kernel_slices[0, 0, 0, 0] = 1


def test_a_drag_that_comes_back_is_no_step() -> None:
    start = document()
    away = edits.set_weight(start, (0, 0, 0, 0), 9.0)
    back = edits.set_weight(away, (0, 0, 0, 0), start.conv.kernel_slices[0, 0, 0, 0])
    history = History(start).push(away, LABEL, "drag").push(back, LABEL, "drag")
    assert not history.past
    assert history.present == start


def test_actions_on_kernels_of_an_impossible_layer_work_or_say_why_not() -> None:
    impossible = edits.set_layer(edits.set_layer(document(), groups=2, in_channels=3), kernel_size=(5, 5))
    assert impossible.problems()
    negated = edits.act_on_kernels(impossible, "all", (0, 0), lambda kernel: -kernel)
    assert np.array_equal(negated.conv.weight, -impossible.conv.weight)
    with pytest.raises(ConvLabError, match="before the layer is valid"):
        edits.act_on_kernels(impossible, "all", (0, 0), lambda kernel: np.ones((7, 7)))


def test_a_preset_that_needs_too_many_weights_is_refused_with_a_sentence() -> None:
    wide = edits.set_layer(document(), out_channels=512)
    with pytest.raises(ConvLabError, match="too many weights"):
        edits.act_on_kernels(wide, "kernel", (0, 0), lambda kernel: np.ones((301, 301)))


def test_a_refused_layer_of_volumes_becomes_one_of_pictures_with_its_middle_slices() -> None:
    """Found by the random walk: the kernels kept their depth, and the window more columns than channels."""
    source = Source("x", np.zeros((6, 7, 3), np.uint8), ("R", "G", "B"), 255.0)
    deep = edits.set_kind(new_document(source, ConvSpec(3, 2), np.ones((2, 3, 3, 3))), "Conv3d")
    refused = edits.set_layer(deep, groups=5)
    assert refused.problems()
    flat = edits.set_kind(refused, "Conv2d")
    assert flat.problems()
    assert flat.conv.weight.shape == flat.conv.weight_spec.weight_shape == (2, 1, 1, 3, 3)
    assert (flat.conv.weight == 1).all()
