"""Every lesson that comes with ConvLab says what torch says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from convlab.app.classroom import opened_scene
from convlab.app.lesson_work import answer, compare
from convlab.engine.evaluate import Evaluator
from convlab.io.lessons import bundled_lessons, open_input, read_lesson, read_lessons
from convlab.model.comparison import variant_document, variant_problem
from convlab.model.document import Document
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import chain
from convlab.model.lesson import Lesson, Question, Scene, parse_lesson, scene_document
from convlab.model.maps import edited
from convlab.model.message import ConvLabError
from convlab.model.question import question_document
from convlab.model.region import whole
from convlab.model.stack import with_kernels
from convlab.render.source import channel_values

LESSONS, FAILURES = read_lessons(bundled_lessons())
SCENES = [(lesson, scene) for lesson in LESSONS for scene in lesson.scenes]
NAMES = [f"{lesson.title}: {scene.title}" for lesson, scene in SCENES]


def state(lesson: Lesson, scene: Scene) -> Document:
    return scene_document(scene, open_input(scene.input, Path(lesson.path).parent))


def modules(document: Document, changes: tuple = ()) -> list[torch.nn.Module]:
    """The document's layer as torch's own, in float64; or a chain of layers."""
    layers = chain(document.conv.spec, changes) if changes else (document.conv.spec,)
    made = [module(layer) for layer in layers]
    if not changes:
        with torch.no_grad():
            weight, conv = torch.from_numpy(document.conv.weight.copy()), convolution(made[0])
            weight = weight.reshape(*weight.shape[:2], *weight.shape[-document.conv.spec.dims :])
            conv.weight.copy_(weight.transpose(0, 1) if document.conv.spec.transposed else weight)
            if document.conv.spec.bias:
                conv.bias.copy_(torch.from_numpy(document.conv.bias.copy()))
    return made


def up_to_edited(document: Document) -> list[torch.nn.Module]:
    """The document's layer behind the convolutions before it, which are all that lessons have there."""
    before = [place for place, _ in with_kernels(document.before)]
    assert len(before) == len(document.before)
    return [each for place in (*before, document.place) for each in modules(replace(document, focus=place))]


def convolution(made: torch.nn.Module) -> torch.nn.Module:
    """The layer itself, also where padding comes before it."""
    return made[1] if isinstance(made, torch.nn.Sequential) else made


def module(layer: ConvSpec) -> torch.nn.Module:
    padding = 0 if layer.padding == "causal" else layer.padding
    arguments = {"stride": layer.stride, "padding": padding, "dilation": layer.dilation, "bias": layer.bias}
    arguments |= {"groups": layer.groups, "padding_mode": layer.padding_mode, "dtype": torch.float64}
    if layer.transposed:
        arguments["output_padding"] = layer.output_padding
    for name, value in arguments.items():
        if isinstance(value, tuple):
            arguments[name] = value[-layer.dims :]
    size = layer.kernel_size[-layer.dims :]
    kind = getattr(torch.nn, f"Conv{'Transpose' if layer.transposed else ''}{layer.dims}d")
    made = kind(layer.in_channels, layer.out_channels, size, **arguments)
    if layer.padding != "causal":
        return made
    before = layer.dilation[2] * (layer.kernel_size[2] - 1)
    return torch.nn.Sequential(torch.nn.ConstantPad1d((before, 0), 0.0), made)


def picture(document: Document) -> torch.Tensor:
    if document.picture.volume is not None:
        return torch.from_numpy(document.picture.volume.astype(np.float64)).permute(3, 0, 1, 2)[None]
    region = whole(*document.picture.size)
    planes = [channel_values(document.picture, each.index, region) for each in document.input_channels]
    found = torch.from_numpy(np.stack(planes).astype(np.float64))[None]
    return found[:, :, 0] if document.conv.spec.dims == 1 else found


def run(layers: list[torch.nn.Module], x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
    return x


def test_all_can_be_read_in_their_order() -> None:
    assert [str(failure) for failure in FAILURES] == []
    assert [int(lesson.title.split()[0]) for lesson in LESSONS] == list(range(1, 18))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("lesson", "scene"), SCENES, ids=NAMES)
def test_a_scene_is_complete_and_its_maps_are_torchs(lesson: Lesson, scene: Scene) -> None:
    document = state(lesson, scene)
    assert document.problems() == ()
    assert scene.title
    assert scene.text
    assert scene.tries
    assert scene.questions
    expected = run(up_to_edited(document), picture(document))[0].numpy()
    found = Evaluator().maps(edited(document), whole(*document.output_size), range(document.conv.spec.out_channels))
    found = found[:, 0] if document.conv.spec.dims == 1 else found
    expected = expected[:, 0] if document.conv.spec.dims == 3 else expected
    np.testing.assert_allclose(found, expected, atol=2e-5, rtol=1e-5)
    if scene.view.pin is not None:
        assert all(at < size for at, size in zip(scene.view.pin, document.output_size, strict=True))


QUESTIONS = [(lesson, scene, question) for lesson, scene in SCENES for question in scene.questions]


def truth(question: Question, document: Document) -> list[float]:
    """What torch itself answers."""
    document = question_document(question, document)
    layers = modules(document, question.layers)
    x = picture(document)
    if document.conv.spec.in_channels != x.shape[1]:
        x = torch.zeros(1, document.conv.spec.in_channels, *x.shape[2:], dtype=torch.float64)
    if question.layers and layers[0].in_channels != x.shape[1]:
        x = torch.zeros(1, layers[0].in_channels, *x.shape[2:], dtype=torch.float64)
    if question.input_size is not None:
        size = question.input_size[-document.conv.spec.dims :]
        x = torch.zeros(1, document.conv.spec.in_channels, *size, dtype=torch.float64)
    if question.kind == "value":
        at = (0, *question.at) if document.conv.spec.dims == 3 else question.at[-document.conv.spec.dims :]
        return [float(run(layers, x)[0, question.output, *at])]
    if question.kind == "size":
        return [float(n) for n in run(layers, x).shape[2:]]
    if question.kind == "shape":
        return [float(n) for n in run(layers, x).shape]
    if question.kind == "parameters":
        return [float(sum(p.numel() for layer in layers for p in layer.parameters()))]
    if question.kind == "kernels":
        return [float(layers[0].weight[:, :, 0, 0].numel())]
    if question.kind == "receptive_field":
        return receptive_field(layers)
    assert question.kind == "weight_sum"
    return [float(layers[0].weight[question.output].detach().sum())]


def receptive_field(layers: list[torch.nn.Module]) -> list[float]:
    """Rows and columns from the first to the last input that one middle output has a gradient for."""
    x = torch.zeros(1, layers[0].in_channels, 40, 40, dtype=torch.float64, requires_grad=True)
    y = x
    for layer in layers:
        torch.nn.init.ones_(layer.weight)
        y = layer(y)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert x.grad is not None
    touched = x.grad[0].abs().sum(0).nonzero()
    return [float(n) for n in (touched.max(0).values - touched.min(0).values + 1)]


@pytest.mark.parametrize(
    ("lesson", "scene", "question"), QUESTIONS, ids=[question.ask[:60] for _, _, question in QUESTIONS]
)
def test_the_right_answer_is_torchs_and_another_is_wrong(lesson: Lesson, scene: Scene, question: Question) -> None:
    document, expected = state(lesson, scene), truth(question, state(lesson, scene))
    right = answer(question, document, " × ".join(f"{number:.9g}" for number in expected), Evaluator())
    wrong = answer(question, document, " × ".join(f"{number + 1:.9g}" for number in expected), Evaluator())
    assert right.right
    assert not wrong.right
    assert wrong.answer == right.answer
    numbers = [float(n.replace("−", "-")) for n in re.findall(r"[−\d.]+", right.answer.replace("\u202f", ""))]
    assert numbers == pytest.approx(expected, rel=1e-4)
    assert wrong.why


def maps_of(number: int, scene: int = 0) -> list[list[list[float]]]:
    document = state(LESSONS[number - 1], LESSONS[number - 1].scenes[scene])
    found = Evaluator().maps(edited(document), whole(*document.output_size), range(document.conv.spec.out_channels))
    return found.tolist()


PADDED = [[1, 3, 4, 10, 8], [5, 10, 12, 12, 6], [7, 18, 16, 16, 8], [11, 13, 9, 3, 4], [14, 13, 9, 7, 4]]


def test_the_figures_that_must_come_out_exactly() -> None:
    """Those of the issue."""
    assert maps_of(1) == [[[10, 12, 12], [18, 16, 16], [13, 9, 3]]]
    assert maps_of(2) == [[[10, 12], [13, 3]]]
    assert maps_of(3) == [PADDED]
    assert np.shape(maps_of(3, 1)) == (1, 7, 7)
    assert maps_of(4) == [[[18]]]


def test_four_padding_modes_stand_beside_each_other() -> None:
    scene = LESSONS[2].scenes[2]
    found = compare(state(LESSONS[2], scene), scene.comparison, Evaluator(), lambda: None)
    assert [each.title for each in found] == ["zeros", "reflect", "replicate", "circular"]
    x = torch.tensor(scene.input.numbers)[None]
    for each in found:
        layer = torch.nn.Conv2d(1, 1, 3, padding=1, padding_mode=each.title, bias=False, dtype=torch.float64)
        layer.weight.data = torch.tensor([[[[1, 2, 1], [0, 1, 0], [2, 1, 0]]]], dtype=torch.float64)
        assert each.map is not None
        assert each.map.tolist() == layer(x)[0, 0].tolist()


def test_counts_of_comparisons_are_torchs() -> None:
    """Parameters by numel, multiply-accumulates by torch's own counter (two operations each)."""
    counted = 0
    for lesson, scene in SCENES:
        document = state(lesson, scene)
        found = compare(document, scene.comparison, Evaluator(), lambda: None)
        for variant, each in zip(scene.comparison.variants, found, strict=True):
            layers = modules(variant_document(document, variant), variant.layers)
            figures = {name: text.replace("\u202f", "") for name, text in each.figures}
            if "parameters" in figures:
                assert int(figures["parameters"]) == sum(p.numel() for layer in layers for p in layer.parameters())
                counted += 1
            if "multiply_accumulates" in figures:
                with FlopCounterMode(display=False) as counter:
                    run(layers, picture(document))
                assert int(figures["multiply_accumulates"]) == counter.get_total_flops() // 2
                counted += 1
            if "receptive_field" in figures:
                assert figures["receptive_field"] == " × ".join(str(int(n)) for n in receptive_field(layers))
    assert counted >= 15


def test_torchs_refusal_in_lesson_11_is_word_for_word() -> None:
    with pytest.raises(RuntimeError) as refused:
        torch.nn.Conv2d(1, 1, 3)(torch.zeros(5, 5))
    text = json.loads((bundled_lessons() / "11-why-4d.json").read_text(encoding="utf-8"))["scenes"][0]["text"]
    assert f"RuntimeError: {refused.value}" in text


def test_convolution_is_cross_correlation_with_the_kernel_turned() -> None:
    """NumPy's own 2-D convolution of a one-hot is the kernel; lesson 10 shows both."""
    scene = LESSONS[9].scenes[0]
    torchs, flipped = compare(state(LESSONS[9], scene), scene.comparison, Evaluator(), lambda: None)
    kernel = np.arange(1.0, 10).reshape(3, 3)
    assert flipped.map is not None
    assert torchs.map is not None
    assert flipped.map[1:4, 1:4].tolist() == kernel.tolist()
    assert torchs.map[1:4, 1:4].tolist() == kernel[::-1, ::-1].tolist()


def places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in places(each, (*path, key)))]


OTHERS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 40)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "same", "x", "identity", "relu", "circular", [], [[1]], [[[1, 2], [3, 4]]], [1, 2], {}])
)


@given(st.data())
def test_a_bundled_lesson_with_any_value_changed_opens_or_is_refused_in_one_sentence(data: st.DataObject) -> None:
    lesson = data.draw(st.sampled_from(LESSONS))
    value = json.loads(Path(lesson.path).read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, key = data.draw(st.sampled_from([path for path in places(value) if path]))
        holder = value
        for step in way:
            holder = holder[step]
        holder[key] = deepcopy(data.draw(OTHERS))  # a list put into itself would have no end
    assert all("\n" not in sentence for sentence in refusals(json.dumps(value).encode(), lesson.path))


def refusals(data: bytes, path: str) -> Iterator[str]:
    """What is said where the lesson is opened, each of its scenes is, and each variant is worked out."""
    try:
        lesson = parse_lesson(data, path)
    except ConvLabError as error:
        yield str(error)
        return
    for number in range(len(lesson.scenes)):
        try:
            opened = opened_scene(lesson, number)
        except ConvLabError as error:
            yield str(error)
            continue
        yield from map(str, opened.start.problems())
        for variant in opened.scene.comparison.variants:
            try:
                yield str(variant_problem(variant, variant_document(opened.start, variant)))
            except ConvLabError as error:
                yield str(error)


def test_kernels_that_groups_do_not_divide_are_refused_in_one_sentence() -> None:
    path = Path(__file__).parent / "fixtures" / "cases" / "kernels-not-divisible.json"
    with pytest.raises(ConvLabError, match="groups 6 must divide in_channels 1 and out_channels 7"):
        opened_scene(read_lesson(path), 0)
