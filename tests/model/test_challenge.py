"""Challenges: distance from the target, what the student begins with, and that the file says it all."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from convlab.model import edits, opening
from convlab.model.challenge import challenge_data, check_challenge, score, starting_document
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import set_up
from convlab.model.layers.pool import Pool
from convlab.model.lesson import parse_lesson, scene_document
from convlab.model.locks import LOCKS, changed
from convlab.model.matrix import matrix_source
from convlab.model.message import ConvLabError
from convlab.model.stack import Entry
from convlab.model.view import Display, ViewState


@pytest.fixture
def target() -> Document:
    layer = ConvSpec(2, 3, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), padding_mode="reflect")
    weight = np.random.default_rng(1).normal(size=layer.weight_shape)
    document = new_document(matrix_source(np.arange(98.0).reshape(2, 7, 7)), layer, weight, np.array([1.0, 2, 3]))
    return edits.set_activation(document, "tanh")


def test_the_score_is_the_largest_and_the_mean_difference() -> None:
    aimed, found = np.array([[[0.0, 10.0], [5.0, 5.0]]]), np.array([[[0.0, 10.0], [5.0, 8.0]]])
    result = score(found, aimed, 0.25)
    assert (result.largest, result.rms, result.share) == (3, 1.5, 0.3)
    assert not result.reached
    assert score(found, aimed, 0.3).reached
    assert score(aimed, aimed, 0).reached


def test_other_sizes_are_never_reached() -> None:
    result = score(np.zeros((1, 3, 3)), np.zeros((1, 5, 5)), 1)
    assert not result.reached
    assert result.sizes == ((1, 3, 3), (1, 5, 5))


def test_a_flat_target_has_its_magnitude_for_a_range() -> None:
    assert not score(np.zeros((1, 2, 2)), np.full((1, 2, 2), 4.0), 0.5).reached
    assert score(np.full((1, 2, 2), 3.9), np.full((1, 2, 2), 4.0), 0.05).reached


def test_infinite_maps_are_reached_only_by_their_like() -> None:
    infinite = np.array([[[np.inf]]])
    assert score(infinite, infinite, 0.1).reached
    assert not score(np.zeros((1, 1, 1)), infinite, 0.1).reached


def test_what_is_free_starts_at_torchs_defaults_and_what_is_locked_stays(target: Document) -> None:
    start = starting_document(target, {"stride", "bias"}, "identity")
    assert start.conv.spec.stride == target.conv.spec.stride
    assert start.conv.bias.tolist() == [1, 2, 3]
    assert (start.conv.spec.padding, start.conv.spec.dilation, start.conv.spec.padding_mode) == (
        (0, 0, 0),
        (1, 1, 1),
        "zeros",
    )
    assert start.activation == "none"
    assert start.conv.kernel_slices[2, 1].tolist() == [[0, 0], [1, 0], [0, 0]]
    assert not starting_document(target, (), "zero").conv.weight.any()
    assert starting_document(target, (), "present").conv.weight.tolist() == target.conv.weight.tolist()
    assert starting_document(target, LOCKS, "zero") == target


def test_a_challenge_reads_back_as_it_was_made(target: Document) -> None:
    view = ViewState(chosen_output=2, display=Display("symmetric", colormap="PuOr"))
    numbers = {"numbers": target.source.pixels.transpose(2, 0, 1).tolist()}
    data = challenge_data(target, view, numbers, "Find it", "Look closely.", {"stride", "padding"}, "zero")
    lesson = parse_lesson(json.dumps(data, default=np.ndarray.tolist).encode())
    (scene,) = lesson.scenes
    source = matrix_source(np.asarray(scene.input.numbers))
    start = scene_document(scene, source)
    assert lesson.is_challenge
    assert scene.challenge is not None
    assert scene.challenge.locks == {"stride", "padding"}
    aimed = set_up(start, scene.challenge.target)
    assert replace(aimed, input=target.input) == target
    assert replace(start, input=target.input) == starting_document(target, {"stride", "padding"}, "zero")
    assert (scene.view.output, scene.view.display) == (2, view.display)


def test_a_state_that_is_refused_or_cannot_be_written_makes_no_challenge(target: Document) -> None:
    with pytest.raises(ConvLabError):
        check_challenge(edits.set_layer(target, padding=(50, 0)))
    with pytest.raises(ConvLabError, match="channels back in order"):
        check_challenge(edits.move_channel(target, 0, 1))
    check_challenge(target)


def test_a_change_is_told_by_the_name_that_can_be_locked(target: Document) -> None:
    assert changed(target, target) == ()
    assert changed(target, edits.set_layer(target, stride=(1, 1))) == ("stride",)
    assert changed(target, edits.set_weight(target, (0, 0, 0, 0), 9)) == ("weight",)
    assert changed(target, edits.set_layer(target, out_channels=4)) == ("out_channels",)
    assert changed(target, edits.set_bias(target, 0, 9)) == ("bias",)
    assert changed(target, edits.set_layer(target, bias=False)) == ("bias",)
    assert changed(target, edits.set_activation(target, "relu")) == ("activation",)
    assert "source" in changed(target, opening.set_source(target, matrix_source(np.zeros((2, 7, 7)))))


def test_what_no_challenge_can_hold_yet_is_said(target: Document) -> None:
    stack = target.with_layers((Entry(target.conv), Entry(Pool())), 0)
    with pytest.raises(ConvLabError, match="one layer so far, and this is a stack of 2"):
        check_challenge(stack)
    with pytest.raises(ConvLabError, match="a stack of 2"):
        check_challenge(target.with_layers((Entry(Pool()), Entry(target.conv)), 1))
    sound = replace(matrix_source(np.zeros((1, 1, 30))), name="tone.wav", signal=True, path="/x/tone.wav")
    with pytest.raises(ConvLabError, match=r"hold a signal such as “tone\.wav”"):
        check_challenge(new_document(sound, ConvSpec(1, 1, (1, 3), dims=1), np.ones((1, 1, 1, 3))))
    clip = replace(matrix_source(np.zeros((3, 5, 5))), name="walk.gif", path="/x/walk.gif", frames=3)
    with pytest.raises(ConvLabError, match=r"the frames of “walk\.gif”"):
        check_challenge(edits.in_dims(new_document(clip, ConvSpec(3, 1), np.ones((1, 3, 3, 3))), 3))
