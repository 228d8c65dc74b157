"""Folders of lessons: a broken file is named and the rest still load; a challenge takes its photo along."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from convlab.io.lessons import (
    add_scene,
    bundled_lessons,
    open_input,
    read_lesson,
    read_lessons,
    save_input,
    save_lesson,
)
from convlab.io.photos import read_photo
from convlab.io.samples import assets_folder, open_sample
from convlab.model.charts import draw_chart
from convlab.model.lesson import LessonInput, parse_lesson
from convlab.model.matrix import cut, matrix_source
from convlab.model.message import ConvLabError
from convlab.model.reading import Input
from convlab.model.region import Region
from convlab.model.source import Source

GOOD = bundled_lessons() / "01-dot-product.json"


def test_a_broken_file_is_named_and_the_rest_still_load(tmp_path: Path) -> None:
    shutil.copy(GOOD, tmp_path / "b.json")
    shutil.copy(GOOD, tmp_path / "c.JSON")
    (tmp_path / "a.json").write_text('{"convlab": "lesson", "version": 1, "title": "x"}')
    (tmp_path / "notes.txt").write_text("no lesson")
    (tmp_path / "folder.json").mkdir()
    lessons, failures = read_lessons(tmp_path)
    assert [Path(lesson.path).name for lesson in lessons] == ["b.json", "c.JSON"]
    (failure,) = (str(failure) for failure in failures)
    assert failure.startswith("“a.json” was not loaded: ")
    assert "“scenes”" in failure


def test_a_folder_that_is_not_there_has_no_lessons(tmp_path: Path) -> None:
    assert read_lessons(tmp_path / "none") == ((), ())


def test_a_missing_or_unreadable_lesson_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConvLabError, match=r"“gone\.json” was not loaded: No such file or directory"):
        read_lesson(tmp_path / "gone.json")


def test_inputs_are_opened_from_the_lessons_own_folder(tmp_path: Path) -> None:
    shutil.copy(assets_folder() / "photos" / "coffee.png", tmp_path / "mug.png")
    assert open_input(LessonInput("file", "mug.png"), tmp_path).size == open_sample("coffee").size
    assert open_input(LessonInput("sample", "camera"), tmp_path).channel_names == ("gray",)
    assert open_input(LessonInput("chart", "zone-plate"), tmp_path).name == "zone-plate"
    with pytest.raises(ConvLabError):
        open_input(LessonInput("file", "none.png"), tmp_path)
    with pytest.raises(ConvLabError):
        open_input(LessonInput("chart", "no-such-chart"), tmp_path)


def opened_again(source: Source, folder: Path) -> Source:
    data = json.loads(json.dumps(save_input(Input(source), folder)))
    lesson = {"convlab": "lesson", "version": 1, "title": "x", "scenes": [{"input": data}]}
    (scene,) = parse_lesson(json.dumps(lesson).encode()).scenes
    return open_input(scene.input, folder)


def test_what_a_challenge_is_about_can_be_opened_again(tmp_path: Path) -> None:
    photo = tmp_path / "mine.png"
    shutil.copy(assets_folder() / "photos" / "coffee.png", photo)
    folder = tmp_path / "lessons"
    matrix = matrix_source(np.arange(24.0).reshape(2, 3, 4) - 7.5)
    for source in (open_sample("astronaut"), draw_chart("impulse"), matrix, read_photo(str(photo))):
        again = opened_again(source, folder)
        assert again.size == source.size
        np.testing.assert_array_equal(again.pixels, source.pixels)
    assert (folder / "mine.png").read_bytes() == photo.read_bytes()


def test_pixels_cut_from_a_photo_stay_the_values_the_layer_read(tmp_path: Path) -> None:
    source = cut(open_sample("coffee"), Region(10, 20, 5, 6))
    again = opened_again(source, tmp_path)
    expected = (source.pixels / source.max_value).astype(np.float32)
    np.testing.assert_array_equal(again.pixels, expected)


def test_a_large_picture_without_a_file_is_refused(tmp_path: Path) -> None:
    source = Source("clipboard", np.zeros((1000, 1400, 3), np.uint8), ("R", "G", "B"), 255)
    with pytest.raises(ConvLabError, match="“clipboard” is in no file"):
        save_input(Input(source), tmp_path)


def test_another_photo_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "mine.png").write_bytes(b"another")
    photo = tmp_path / "mine.png"
    shutil.copy(assets_folder() / "photos" / "coffee.png", photo)
    with pytest.raises(ConvLabError, match=r"another “mine\.png”"):
        save_input(Input(read_photo(str(photo))), folder)
    assert (folder / "mine.png").read_bytes() == b"another"


def test_a_challenge_never_overwrites_one_of_the_same_title(tmp_path: Path) -> None:
    paths = [save_lesson(tmp_path, "Find: the / kernel?", {"n": n}) for n in range(3)]
    assert [path.name for path in paths] == ["Find-the-kernel.json", "Find-the-kernel-2.json", "Find-the-kernel-3.json"]
    assert [json.loads(path.read_text())["n"] for path in paths] == [0, 1, 2]


def test_a_scene_that_does_not_go_into_a_lesson_leaves_it_as_it_was(tmp_path: Path) -> None:
    data = json.loads(GOOD.read_text(encoding="utf-8"))
    path = save_lesson(tmp_path, "Mine", data)
    scene = data["scenes"][0]
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1100, 3)).astype(np.uint8)
    pixels = save_input(Input(Source("clipboard", noise, ("R", "G", "B"), 255)), tmp_path)
    add_scene(path, scene | {"input": pixels})
    assert len(read_lesson(path).scenes) == len(data["scenes"]) + 1
    before = path.read_bytes()
    with pytest.raises(ConvLabError, match="more than the"):
        add_scene(path, scene | {"input": pixels})
    with pytest.raises(ConvLabError, match=r"“Mine\.json” was not loaded: the lesson › scenes"):
        add_scene(path, scene | {"text": 7})
    assert path.read_bytes() == before
    with pytest.raises(ConvLabError, match="more than the"):
        save_lesson(tmp_path, "Large", {"text": "x" * 9_000_000})
    assert [each.name for each in tmp_path.iterdir()] == ["Mine.json"]
    path.write_bytes(before[:99])
    with pytest.raises(ConvLabError, match=r"“Mine\.json” was not loaded: it is no valid JSON"):
        add_scene(path, scene)
    assert path.read_bytes() == before[:99]
