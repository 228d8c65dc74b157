"""Sessions: load∘save is the identity, a broken file is named, nothing in one is ever run."""

from __future__ import annotations

import base64
import json
import os
import shutil
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convlab.io.inputs import read_input
from convlab.io.photos import read_photo
from convlab.io.reader import HERE
from convlab.io.samples import assets_folder, open_sample
from convlab.io.sessions import open_session, read_session, save_session
from convlab.model import edits, opening, stack_edits
from convlab.model.charts import draw_chart
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.norm import BatchNorm
from convlab.model.layers.pool import Pool
from convlab.model.matrix import cut, matrix_source
from convlab.model.message import ConvLabError
from convlab.model.reading import Reading
from convlab.model.region import Region
from convlab.model.session_file import parse_session
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source
from convlab.model.stack_presets import STACK_PRESETS, apply_preset
from convlab.model.view import Display, ViewState
from convlab.model.viewport import Viewport

VERSION1 = Path(__file__).parents[1] / "fixtures" / "version1"


def document(source: Source, **layer: object) -> Document:
    used = sum(not source.is_alpha(n) for n in range(source.channel_count))
    spec = ConvSpec(used, 2 * used, (3, 2), **layer)
    rng = np.random.default_rng(5)
    return new_document(source, spec, rng.normal(size=spec.weight_shape), rng.normal(size=2 * used))


VIEW = ViewState(
    chosen_output=1,
    viewport=Viewport(1.5, 2.25, 3.0),
    display=Display("percentile", "clip", "viridis", -2.0, 3.0, (2.0, 90.0)),
    byte_units=True,
    explaining=True,
    pinned=(1, 2),
)


def same(a: Document, b: Document) -> bool:
    """Equal but for the identity of the photo, whose pixels and meaning must be equal, as it was opened and as read."""
    fields = ("channel_names", "max_value", "shown_range", "frame")
    for one, other in ((a.source, b.source), (a.picture, b.picture)):
        for name in ("pixels", "volume"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert all(getattr(one, name) == getattr(other, name) for name in fields)
        assert one.pixels.dtype == other.pixels.dtype
    assert a.reading == b.reading
    return replace(a, input=b.input) == b


STATES: dict[str, dict[str, Any]] = {
    "refused": {"transposed": True, "padding": "same"},
    "transposed": {"transposed": True, "padding": (1, 0), "stride": (2, 2), "output_padding": (1, 0)},
    "groups": {"groups": 1, "stride": (2, 1), "dilation": (1, 2), "padding": (1, 0), "padding_mode": "reflect"},
    "no bias": {"bias": False, "dtype": "float64"},
}


@pytest.mark.parametrize("layer", STATES.values(), ids=STATES)
def test_a_whole_state_comes_back(tmp_path: Path, layer: dict[str, Any]) -> None:
    rgb = np.random.default_rng(1).integers(0, 65536, (9, 8, 3)).astype(np.uint16)
    state = document(Source("stack", rgb, ("R", "G", "B"), 65535.0, "16-bit RGB"), **layer)
    state = edits.set_activation(edits.move_channel(edits.change_channel(state, 1, muted=True), 0, 2), "tanh")
    save_session(tmp_path / "s.convlab", state, VIEW)
    found, view = open_session(tmp_path / "s.convlab")
    assert same(found, state)
    assert view == VIEW


def test_a_layer_that_torch_refuses_comes_back_with_its_weights(tmp_path: Path) -> None:
    state = edits.set_layer(document(matrix_source(np.arange(75.0).reshape(3, 5, 5))), groups=2)
    assert state.problems()
    save_session(tmp_path / "s.convlab", state, ViewState())
    found, _ = open_session(tmp_path / "s.convlab")
    assert same(found, state)
    mended = edits.set_layer(found, groups=1)
    np.testing.assert_array_equal(mended.conv.weight, state.conv.weight)


def test_inputs_are_found_again(tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "mine.png"
    photo.parent.mkdir()
    shutil.copy(assets_folder() / "photos" / "coffee.png", photo)
    sources = (open_sample("astronaut"), draw_chart("zone-plate"), read_photo(str(photo)))
    for source in sources:
        save_session(tmp_path / "s.convlab", document(source), ViewState())
        assert same(open_session(tmp_path / "s.convlab")[0], document(source))
    assert (tmp_path / "s.convlab").stat().st_size < 100_000  # no pixels in it


def test_a_photo_that_moved_with_its_session_is_found(tmp_path: Path) -> None:
    shutil.copy(assets_folder() / "photos" / "coffee.png", tmp_path / "mine.png")
    save_session(tmp_path / "s.convlab", document(read_photo(str(tmp_path / "mine.png"))), ViewState())
    moved = tmp_path / "moved"
    moved.mkdir()
    os.rename(tmp_path / "mine.png", moved / "mine.png")
    os.rename(tmp_path / "s.convlab", moved / "s.convlab")
    assert open_session(moved / "s.convlab")[0].source.size == open_sample("coffee").size
    os.remove(moved / "mine.png")
    with pytest.raises(ConvLabError, match=r"mine\.png"):
        open_session(moved / "s.convlab")


def test_a_picture_too_large_to_embed_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    large = Source("clipboard", np.zeros((8000, 6000, 3), np.uint8), ("R", "G", "B"), 255)
    with pytest.raises(ConvLabError, match="“clipboard” is in no file and too large"):
        save_session(tmp_path / "s.convlab", document(large), ViewState())
    assert list(tmp_path.iterdir()) == []


def saved(tmp_path: Path) -> dict[str, Any]:
    state = document(matrix_source(np.arange(75.0).reshape(3, 5, 5)))
    save_session(tmp_path / "good.convlab", state, VIEW)
    return json.loads((tmp_path / "good.convlab").read_bytes())


def bomb() -> str:
    return base64.b64encode(zlib.compress(bytes(50_000_000))).decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("convlab", "lesson", "“convlab” must be one of session"),
        ("channels", [[0, True, False, False]] * 3, "“channels” must name each channel once"),
        ("channels", [[0, 1, 0, 0]], "[index, used, muted, solo] is wanted"),
        ("weight", [[[[1]]], [[[1, 2]]]], "“weight” must be numbers"),
        ("bias", [1, 2], "“bias” has 2 numbers for 6"),
        ("surprise", 1, "“surprise” is no known field"),
        ("input", {"pixels": "AAAA", "dtype": "uint8", "shape": [1, 1, 1], "names": ["R"]}, "zlib data in base64"),
        ("input", {"pixels": bomb(), "dtype": "uint8", "shape": [1, 1, 1], "names": ["R"]}, "as many bytes as shape"),
        (
            "input",
            {"pixels": "", "dtype": "object", "shape": [1, 1, 1], "names": ["R"]},
            "one of uint8, uint16, float32",
        ),
        ("input", {"pixels": "", "dtype": "uint8", "shape": [1e9, 1e9, 1], "names": ["R"]}, "“shape” must be"),
        ("input", {"path": 3}, "“path” must be a text"),
    ],
)
def test_a_broken_session_is_named_with_its_place(tmp_path: Path, field: str, value: object, said: str) -> None:
    data = saved(tmp_path)
    (data["layers"][0]["conv"] if field in ("weight", "bias") else data)[field] = value
    (tmp_path / "bad.convlab").write_text(json.dumps(data))
    with pytest.raises(ConvLabError) as refused:
        open_session(tmp_path / "bad.convlab")
    assert said in str(refused.value)


def test_a_missing_session_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConvLabError, match=r"“gone\.convlab” was not opened: No such file"):
        read_session(tmp_path / "gone.convlab")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutated_bytes_are_read_or_refused_in_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    good = json.dumps(saved(tmp_path)).encode()
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.binary(min_size=1, max_size=3))
    said = ""
    try:
        parse_session(good[:place] + other + good[place + len(other) :])
    except ConvLabError as error:
        said = str(error)
    assert "\n" not in said


def test_cut_pixels_keep_their_type_and_names(tmp_path: Path) -> None:
    state = document(cut(open_sample("coffee"), Region(3, 4, 5, 6)))
    save_session(tmp_path / "s.convlab", state, ViewState())
    assert same(open_session(tmp_path / "s.convlab")[0], state)


def everything() -> dict[str, Document]:
    """A document of each kind that there is."""
    photo = Source("x", np.random.default_rng(3).integers(0, 256, (9, 8, 3)).astype(np.uint8), ("R", "G", "B"), 255.0)
    plain = document(photo)
    stack = apply_preset(plain, STACK_PRESETS["separable"])
    pooled = stack_edits.add_layer(stack, Pool("avg", (3, 3), (2, 2), (1, 1), ceil_mode=True), 1)
    numbers = BatchNorm((2.0, 1.0, 0.5), (1.0, 0.0, -1.0), (0.1, 0.2, 0.3), (1.0, 2.0, 3.0), 1e-3)
    normed = stack_edits.add_layer(pooled, numbers, 2)
    slices = np.random.default_rng(4).integers(0, 9, (4, 5, 6, 2)).astype(np.float32)
    clip = volume_source(slices, Source("clip", slices[0].copy(), ("a", "b"), 1.0, shown_range=(0.0, 9.0)))
    gray = replace(photo, pixels=photo.pixels[:, :, :1], channel_names=("gray",))
    own = opening.read_as_it_is(opening.set_source(plain, clip))
    coloured = volume_source(np.stack([photo.pixels, photo.pixels[::-1]]), photo)
    one_input = opening.set_source(edits.set_layer(plain, in_channels=1), photo)
    of_colours = opening.set_source(edits.set_layer(edits.set_kind(plain, "Conv3d"), in_channels=1), coloured)
    signal = Source("s", np.arange(12.0, dtype=np.float32).reshape(1, 6, 2), ("left", "right"), 1.0, signal=True)
    return {
        "stack": stack_edits.switch_layer(normed, 2, False),
        "line": edits.set_line(edits.set_kind(plain, "Conv1d"), Line("column", 2)),
        "signal": edits.set_layer(opening.set_source(plain, signal), padding="causal", dilation=(1, 2)),
        "gray as colour": opening.set_source(plain, gray),
        "luminance": one_input,
        "line of the luminance": edits.set_line(edits.set_kind(one_input, "Conv1d"), Line("row", 7)),
        "luminance as slices": edits.set_kind(one_input, "LazyConv3d"),
        "frame": edits.set_frame(edits.set_kind(own, "Conv2d"), 3),
        "line of a frame": edits.set_line(edits.set_frame(edits.set_kind(own, "Conv1d"), 1), Line("column", 5)),
        "luminance of a volume": of_colours,
        "luminance of a frame": edits.set_frame(edits.set_kind(of_colours, "Conv2d"), 0),
        "channels as slices": edits.set_kind(plain, "LazyConv3d"),
        "volume": edits.set_layer(
            edits.set_layer(opening.set_source(plain, clip), padding=(1, 0)),
            depth={"kernel_size": 2, "stride": 2, "padding": 1},
        ),
        "transposed volume": edits.set_kind(opening.set_source(plain, clip), "ConvTranspose3d"),
    }


@pytest.mark.parametrize("name", list(everything()))
def test_every_kind_of_state_comes_back(tmp_path: Path, name: str) -> None:
    before = everything()[name]
    assert before.problems() == ()
    save_session(tmp_path / "a.convlab", before, replace(VIEW, depth=1))
    now, view = open_session(tmp_path / "a.convlab")
    assert same(before, now)
    assert view.depth == 1


def test_every_kind_of_reading_is_among_them() -> None:
    found = {
        (d.reading.channels, d.reading.frame is not None, d.reading.line is not None, d.reading.depth)
        for d in everything().values()
    }
    whole = {("stored", False, False, False), ("rgb", False, False, False), ("luminance", False, False, False)}
    part = {("stored", False, True, False), ("stored", True, False, False), ("stored", False, False, True)}
    both = {("luminance", False, True, False), ("luminance", True, False, False), ("stored", True, True, False)}
    assert found == whole | part | both | {("luminance", False, False, True)}


def test_a_frame_of_a_file_is_read_again(tmp_path: Path) -> None:
    shutil.copy(VERSION1 / "frames.tif", tmp_path / "frames.tif")
    clip = read_input(str(tmp_path / "frames.tif"), deep=True)
    assert clip.volume is not None
    before = edits.set_frame(edits.set_kind(document(clip), "Conv2d"), 1)
    assert before.reading == Reading(frame=1)
    save_session(tmp_path / "s.convlab", before, ViewState())
    now, _ = open_session(tmp_path / "s.convlab")
    assert same(before, now)
    assert edits.set_kind(now, "Conv3d").picture is now.source  # all frames are there


def test_a_volume_of_several_files_comes_back_whole(tmp_path: Path) -> None:
    """Its session named the first file, and had one slice when it was opened again."""
    for n in range(3):
        shutil.copy(VERSION1 / "photo.png", tmp_path / f"{n}.png")
    clip = HERE.folder(str(tmp_path))
    before = edits.set_kind(document(clip), "Conv3d")
    assert before.source_shape.size[0] == 3
    save_session(tmp_path / "s.convlab", before, ViewState())
    assert same(open_session(tmp_path / "s.convlab")[0], before)


def test_a_session_whose_input_has_become_another_reads_of_it_what_there_is(tmp_path: Path) -> None:
    before = edits.set_line(everything()["line of a frame"], Line("row", 4))
    save_session(tmp_path / "s.convlab", before, ViewState())
    data = json.loads((tmp_path / "s.convlab").read_bytes())
    data["input"] |= {"slice": 77, "line": ["column", 77]}
    (tmp_path / "s.convlab").write_text(json.dumps(data))
    assert open_session(tmp_path / "s.convlab")[0].reading == Reading(frame=3, line=Line("column", 5))
    data["input"] |= {"sample": "coffee", "read_as": "rgb"}
    for name in ("pixels", "dtype", "shape", "names", "name", "description", "max_value", "shown_range"):
        del data["input"][name]
    (tmp_path / "s.convlab").write_text(json.dumps(data))
    assert open_session(tmp_path / "s.convlab")[0].reading == Reading(line=Line("column", 77))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_mutated_value_of_any_state_is_read_or_refused_in_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    before = everything()[data.draw(st.sampled_from(sorted(everything())))]
    path = tmp_path / "a.convlab"
    save_session(path, before, VIEW)
    mutated = json.loads(path.read_text())
    holder, key = mutated, data.draw(st.sampled_from(sorted(mutated)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 99), st.text(max_size=4), st.just([]), st.just({}))
    holder[key] = data.draw(scalars)
    path.write_text(json.dumps(mutated))
    said = ""
    try:
        open_session(path)
    except ConvLabError as error:
        said = str(error)
    assert "\n" not in said


@pytest.mark.parametrize(
    "layer",
    [{"out_channels": 4096}, {"out_channels": 600, "groups": 3}, {"padding": (4096, 2000)}],
    ids=["channels", "groups", "padding"],
)
def test_what_the_form_takes_a_session_takes(tmp_path: Path, layer: dict[str, Any]) -> None:
    """600 outputs or a padding of 2000 could be typed and saved, but not opened again."""
    photo = open_sample("astronaut")
    state = edits.set_layer(new_document(photo, ConvSpec(3, 6), np.ones((6, 3, 3, 3))), **layer)
    path = tmp_path / "large.convlab"
    save_session(path, state, ViewState())
    assert same(open_session(path)[0], state)
