"""Lesson files: what is read, and that a mistake is named with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlab.io.lessons import bundled_lessons
from convlab.model.figures import FIGURES
from convlab.model.layer import ACTIVATIONS
from convlab.model.layer_setup import WEIGHT_KINDS
from convlab.model.lesson import INPUT_KINDS, parse_lesson, scene_document
from convlab.model.locks import LOCKS
from convlab.model.matrix import matrix_source
from convlab.model.message import ConvLabError

PLAIN: dict[str, Any] = {
    "convlab": "lesson",
    "version": 1,
    "title": "A title",
    "scenes": [{"title": "one", "input": {"numbers": [[1, 2], [3, 4]]}, "kernel": [[1]]}],
}


def lesson_with(**scene: object) -> bytes:
    return json.dumps({**PLAIN, "scenes": [{**PLAIN["scenes"][0], **scene}]}).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no valid JSON: line 1, column 1"),
        (b"[1, 2", "line 1, column 6"),
        (b'{"a": NaN}', "no valid JSON"),
        (b"[" * 100_000, "no valid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no valid JSON"),
        (b"\xff\xfe", "no valid JSON"),
        (b"[]", "an object {…} is wanted"),
        (b" " * 9_000_000, "larger than 8 MB"),
        (json.dumps({**PLAIN, "convlab": "session"}).encode(), "“convlab” must be one of lesson"),
        (json.dumps({**PLAIN, "version": 2}).encode(), "“version” must be a whole number from 1 to 1"),
        (json.dumps({**PLAIN, "scenes": []}).encode(), "a list with a scene at least"),
        (json.dumps({**PLAIN, "title": 3}).encode(), "“title” must be a text of at most 120"),
        (json.dumps({**PLAIN, "scenes": ["x"]}).encode(), "scenes 1: an object"),
        (lesson_with(kernal=[[1]]), "scenes 1: “kernal” is no known field; “kernel” is"),
        (lesson_with(kernel=[[1, 2], [3]]), "“kernel” must be numbers in lists of 2 levels, equally long"),
        (lesson_with(kernel=[["1"]]), "“kernel” must be numbers"),
        (lesson_with(kernel=[[1e39]]), "“kernel” must be numbers"),
        (lesson_with(kernel=[[True]]), "“kernel” must be numbers"),
        (lesson_with(weight=[[[[1]]]]), "“weight” must be left out beside “kernel”"),
        (lesson_with(layer={"stride": 0}), "scenes 1 › layer: “stride” must be a whole number from 1"),
        (lesson_with(layer={"stride": [1, 2, 3]}), "or two in brackets"),
        (lesson_with(layer={"padding": "SAME"}), "“padding” must be"),
        (lesson_with(layer={"padding_mode": "mirror"}), "one of zeros, reflect, replicate, circular"),
        (lesson_with(layer={"device": "cuda"}), "“device” is no known field"),
        (lesson_with(input={}), "one of numbers, fill, sample, chart, file, pixels is wanted"),
        (lesson_with(input={"file": "../secret.png"}), "a file in the lesson's own folder"),
        (lesson_with(input={"file": "/etc/passwd"}), "a file in the lesson's own folder"),
        (lesson_with(input={"file": "C:\\x.png"}), "a file in the lesson's own folder"),
        (lesson_with(view={"pin": -1}), "“pin” must be"),
        (lesson_with(view={"display": {"low": 1, "high": 0}}), "“high” must be larger than “low”"),
        (lesson_with(questions=[{"ask": "?", "kind": "colour"}]), "questions 1: “kind” must be one of value, size"),
        (lesson_with(challenge={"target": {}, "lock": ["everything"]}), "“lock” must be some of source"),
        (lesson_with(challenge={"target": {}, "tolerance": 2}), "a number from 0 to 1"),
        (lesson_with(compare={"show": ["colour"]}), "“show” must be some of map, size"),
    ],
)
def test_a_mistake_is_named_with_its_place(data: bytes, said: str) -> None:
    with pytest.raises(ConvLabError) as refused:
        parse_lesson(data)
    assert said in str(refused.value)


def test_an_unknown_preset_is_named() -> None:
    data = json.loads(lesson_with())
    del data["scenes"][0]["kernel"]
    data["scenes"][0]["preset"] = "sobbel-x"
    with pytest.raises(ConvLabError, match="did you mean 'sobel-x'"):
        parse_lesson(json.dumps(data).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FILES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(bundled_lessons().glob("*.json"))]


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Where every value of a JSON text lies."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


PLACES = [places(file) for file in FILES]


@given(st.data())
def test_a_mutated_lesson_is_read_or_refused_in_one_sentence(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(FILES) - 1))
    place = data.draw(st.sampled_from(PLACES[number][1:]))
    mutated = json.loads(json.dumps(FILES[number]))
    *way, last = place
    holder = mutated
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(JSON)
    said = ""
    try:
        lesson = parse_lesson(json.dumps(mutated).encode())
        for scene in lesson.scenes:
            scene_document(scene, matrix_source(np.ones((3, 6, 6))))
    except ConvLabError as error:
        said = str(error)
    assert "\n" not in said


def test_scenes_take_what_they_do_not_name_from_the_lesson() -> None:
    file = {
        **PLAIN,
        "input": {"fill": "ramp", "size": 5},
        "kernel": [[1, 2], [3, 4]],
        "layer": {"stride": 2, "padding": 1},
        "scenes": [{"title": "a"}, {"title": "b", "layer": {"stride": 1}, "seed": 3}],
    }
    first, second = parse_lesson(json.dumps(file).encode()).scenes
    a, b = (scene_document(scene, matrix_source(np.ones((1, 5, 5)))) for scene in (first, second))
    assert a.conv.kernel_slices.tolist() == [[[[1, 2], [3, 4]]]]
    assert (a.conv.spec.stride, a.conv.spec.padding) == ((1, 2, 2), (0, 1, 1))
    assert (b.conv.spec.stride, b.conv.spec.padding) == ((1, 1, 1), (0, 1, 1))
    assert b.conv.spec.kernel_size == (1, 1, 1)  # the lesson's kernel gave way to the scene's seed
    assert not a.conv.spec.bias


def test_a_bias_that_does_not_fit_is_refused() -> None:
    scene = parse_lesson(lesson_with(bias=[1, 2])).scenes[0]
    with pytest.raises(ConvLabError, match="“bias” has 2 numbers for 1 output channels"):
        scene_document(scene, matrix_source(np.ones((1, 2, 2))))


def test_the_example_in_the_documentation_is_a_lesson() -> None:
    text = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    example = text.split("<!-- test:lesson -->")[1].split("```json")[1].split("```")[0]
    lesson = parse_lesson(example.encode())
    assert [scene.title for scene in lesson.scenes] == ["A blur", "Two strides"]
    named = set(re.findall(r"`([a-z_]+)`", text))
    assert {*FIGURES, *WEIGHT_KINDS, *INPUT_KINDS, *LOCKS, *ACTIVATIONS} <= named


def test_an_unknown_field_with_a_line_break_is_named_in_one_line() -> None:
    """Found by the mutations above."""
    with pytest.raises(ConvLabError) as refused:
        parse_lesson(json.dumps({**PLAIN, "a\nb": 1}).encode())
    assert "\n" not in str(refused.value)
    assert "a\\nb" in str(refused.value)
