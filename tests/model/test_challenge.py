"""Challenges: distance from the target, what the student begins with, and that the file says it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convlab.app.lesson_work import measure
from convlab.engine.evaluate import Evaluator
from convlab.io.lessons import open_input, save_input
from convlab.model import edits, opening
from convlab.model.challenge import challenge_data, check_challenge, score, starting_document
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.pool import Pool
from convlab.model.lesson import parse_lesson, scene_document, target_document
from convlab.model.locks import LOCKS, changed
from convlab.model.matrix import matrix_source
from convlab.model.message import ConvLabError
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source
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
    aimed = target_document(scene, start)
    assert aimed is not None
    assert replace(aimed, input=target.input) == target
    assert replace(start, input=target.input) == starting_document(target, {"stride", "padding"}, "zero")
    assert (scene.view.output, scene.view.display) == (2, view.display)


def test_a_state_that_is_refused_makes_no_challenge(target: Document) -> None:
    with pytest.raises(ConvLabError):
        check_challenge(edits.set_layer(target, padding=(50, 0)))
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


def noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)


def stack(target: Document) -> Document:
    return edits.set_activation(target.with_layers((*target.layers, Entry(Pool(), on=False), Entry(Pool())), 1), "relu")


def muted_and_moved(target: Document) -> Document:
    return edits.change_channel(edits.move_channel(target, 0, 1), 0, muted=True)


def sound(_: Document) -> Document:
    source = Source("tone", noise((1, 300, 1)), ("mono",), 255.0, signal=True)
    spec = ConvSpec(1, 1, (1, 3), padding=(0, 0), dims=1)
    document = new_document(source, spec, np.array([1.0, -2, 1]).reshape(spec.weight_shape))
    return document.with_layers((*document.layers, Entry(Pool().in_dims(1))), 0)


def clip(_: Document) -> Document:
    source = volume_source(noise((6, 9, 9, 3)), Source("walk", noise((9, 9, 3)), ("R", "G", "B"), 255.0))
    spec = ConvSpec(3, 2, (3, 3, 3), dims=3)
    document = new_document(source, spec, np.random.default_rng(3).normal(size=spec.weight_shape))
    return document.with_layers((*document.layers, Entry(Pool().in_dims(3))), 0)


def line(_: Document) -> Document:
    document = new_document(matrix_source(noise((1, 20, 20)).astype(float)), ConvSpec(1, 1), np.ones((1, 1, 3, 3)))
    return edits.set_line(edits.set_kind(document, "Conv1d"), Line("column", 7))


@pytest.mark.parametrize("made", [stack, muted_and_moved, sound, clip, line])
def test_a_challenge_holds_stacks_sounds_clips_and_how_they_are_read(
    made: Callable[[Document], Document], target: Document, tmp_path: Path
) -> None:
    wanted = made(target)
    check_challenge(wanted)
    data = challenge_data(wanted, ViewState(), save_input(wanted.input, tmp_path), "Find it", "", {"stride"}, "zero")
    (scene,) = parse_lesson(json.dumps(data, default=np.ndarray.tolist).encode()).scenes
    source = open_input(scene.input, tmp_path)
    start = scene_document(scene, source)
    aimed = target_document(scene, start)
    assert aimed is not None
    assert aimed.reading == wanted.reading
    np.testing.assert_allclose(aimed.picture.pixels / aimed.picture.max_value, scaled(wanted), rtol=1e-6)
    assert replace(aimed, input=wanted.input) == wanted
    assert replace(start, input=wanted.input) == starting_document(wanted, {"stride"}, "zero")
    assert not measure(start, aimed, scene.challenge, 0, Evaluator(), lambda: None).score.reached  # type: ignore[arg-type]
    assert measure(aimed, aimed, scene.challenge, 0, Evaluator(), lambda: None).score.reached  # type: ignore[arg-type]


def test_a_challenge_begins_with_the_convolution_in_focus_whose_kernels_are_to_be_found(target: Document) -> None:
    pooled = target.with_layers((Entry(target.conv), Entry(Pool())), 1)
    data = challenge_data(pooled, ViewState(), {"fill": "ramp", "size": 7, "channels": 2}, "Find it", "", (), "zero")
    (scene,) = parse_lesson(json.dumps(data, default=np.ndarray.tolist).encode()).scenes
    assert scene.layers is not None
    assert (scene.layers.focus, scene.view.watched) == (0, 1)


def scaled(document: Document) -> np.ndarray:
    return document.picture.pixels / document.picture.max_value
