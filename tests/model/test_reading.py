"""What is read of a source is a value of the document: another reading is an edit like every other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from convlab.engine.evaluate import Evaluator
from convlab.model import edits, opening
from convlab.model.document import Document, new_document
from convlab.model.edits import Edit
from convlab.model.history import MAX_OTHER_PIXELS, History
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.message import message
from convlab.model.reading import WHOLE, Input, Reading
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source

LABEL = message("edit")
RNG = np.random.default_rng(11)
PHOTO = Source("photo", RNG.integers(0, 256, (9, 12, 3)).astype(np.uint8), ("R", "G", "B"), 255.0)
GRAY = Source("gray", PHOTO.pixels[:, :, :1].copy(), ("gray",), 255.0)
CLIP = volume_source(RNG.integers(0, 256, (5, 9, 12, 3)).astype(np.uint8), PHOTO)
SIGNAL = Source("signal", RNG.normal(size=(1, 20, 2)).astype(np.float32), ("left", "right"), 1.0, signal=True)
MATRIX = Source("matrix", RNG.normal(size=(9, 12, 3)).astype(np.float32), ("R", "G", "B"), 1.0)


def document(inputs: int = 3) -> Document:
    source = PHOTO if inputs == 3 else GRAY
    return new_document(source, ConvSpec(inputs, 2), RNG.normal(size=(2, inputs, 3, 3)))


def luminance(pixels: np.ndarray) -> np.ndarray:
    """[..., 3] → [..., 1]: 0.299 R + 0.587 G + 0.114 B, to the nearest whole number."""
    return np.rint(pixels.astype(np.float64) @ [0.299, 0.587, 0.114])[..., None]


def kinds(*names: str, line: Line | None = None, frame: int | None = None) -> Edit:
    """The layer as one after another of these kinds, then another line or frame."""

    def edit(start: Document) -> Document:
        for name in names:
            start = edits.set_kind(start, name)
        start = start if frame is None else edits.set_frame(start, frame)
        return start if line is None else edits.set_line(start, line)

    return edit


def opened(source: Source) -> Edit:
    return lambda start: opening.set_source(start, source)


Case = tuple[Document, Reading, np.ndarray]


def cases() -> dict[str, Case]:
    """By name a document, how it reads its source, and the pixels that it then reads."""
    photo, clip, whole = PHOTO.pixels, CLIP.volume, document()
    assert clip is not None
    of_clip = opened(CLIP)(edits.set_kind(document(), "Conv3d"))  # of one input: its luminance
    own = opening.read_as_it_is(of_clip)
    row, column = Line("row", 7), Line("column", 2)
    return {
        "whole": (whole, WHOLE, photo),
        "gray as colour": (opened(GRAY)(whole), Reading("rgb"), np.repeat(GRAY.pixels, 3, axis=2)),
        "luminance": (opened(PHOTO)(document(1)), Reading("luminance"), luminance(photo)),
        "middle row": (kinds("Conv1d")(whole), Reading(line=Line("row", 4)), photo[4:5]),
        "row": (kinds("Conv1d", line=row)(whole), Reading(line=row), photo[7:8]),
        "column": (kinds("Conv1d", line=column)(whole), Reading(line=column), photo[:, 2][None]),
        "luminance of a row": (
            kinds("Conv1d", line=row)(opened(PHOTO)(document(1))),
            Reading("luminance", line=row),
            luminance(photo[7:8]),
        ),
        "channels as depth": (
            kinds("Conv3d")(whole),
            Reading(depth=True),
            np.moveaxis(photo, 2, 0)[..., None],
        ),
        "luminance as depth": (
            kinds("Conv3d")(opened(PHOTO)(document(1))),
            Reading("luminance", depth=True),
            luminance(photo)[None],
        ),
        "volume": (own, WHOLE, clip),
        "luminance of a volume": (of_clip, Reading("luminance"), luminance(clip)),
        "middle frame": (kinds("Conv2d")(own), Reading(frame=2), clip[2]),
        "frame": (kinds("Conv2d", frame=4)(own), Reading(frame=4), clip[4]),
        "luminance of a frame": (
            kinds("Conv2d", frame=4)(of_clip),
            Reading("luminance", frame=4),
            luminance(clip[4]),
        ),
        "row of a frame": (
            kinds("Conv2d", "Conv1d", frame=1, line=row)(own),
            Reading(frame=1, line=row),
            clip[1, 7:8],
        ),
        "signal": (opened(SIGNAL)(whole), WHOLE, SIGNAL.pixels),
    }


CASES = list(cases())


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return cases()[request.param]


def test_what_is_read_is_that_part_of_the_source(case: Case) -> None:
    found, reading, wanted = case
    picture = found.picture
    assert found.reading == reading
    read = picture.pixels if picture.volume is None else picture.volume
    np.testing.assert_allclose(read.astype(np.float64), wanted, atol=1 if reading.channels == "luminance" else 0)
    assert read.dtype == found.source.pixels.dtype
    assert not read.flags.writeable
    assert len(found.channels) == picture.channel_count == wanted.shape[-1]
    assert found.problems() == ()


def test_another_reading_is_undone_and_done_again(case: Case) -> None:
    found, reading, _ = case
    start = document()
    history = History(start).push(found, LABEL)
    back = history.undo()
    assert back.present.picture is start.picture
    again = back.redo()
    assert again.present.reading == reading
    assert again.present.picture is found.picture


CHANGES: dict[str, Callable[[Document], Document]] = {
    "weight": lambda d: edits.set_weight(d, (0, 0, 0, 0), 42.0),
    "activation": lambda d: edits.set_activation(d, "ReLU" if d.activation == "none" else "none"),
    "outputs": lambda d: edits.set_layer(d, out_channels=5),
    "muted": lambda d: edits.change_channel(d, 0, muted=True),
    "the same line": lambda d: d if d.reading.line is None else edits.set_line(d, d.reading.line),
    "the same frame": lambda d: d if d.reading.frame is None else edits.set_frame(d, d.reading.frame),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_edits_leave_what_is_read_the_same_object_so_that_nothing_is_uploaded_again(
    case: Case, change: str
) -> None:
    before = case[0]
    after = CHANGES[change](before)
    assert after.input is before.input
    assert edited(after).picture is edited(before).picture
    evaluator = Evaluator()
    assert evaluator.pixels(edited(after)) is evaluator.pixels(edited(before))


def test_readings_of_one_source_share_the_pixels_that_were_opened(case: Case) -> None:
    found, reading, _ = case
    source = found.source
    assert source in (PHOTO, GRAY, CLIP, SIGNAL)
    for kind in ("Conv1d", "Conv2d", "Conv3d"):
        assert edits.set_kind(found, kind).source is source
    if reading.channels == "stored" and not reading.depth and (reading.line is None or reading.line.along == "row"):
        assert np.shares_memory(found.picture.pixels, source.pixels if source.volume is None else source.volume)


def test_the_whole_of_a_source_is_the_source() -> None:
    for source in (PHOTO, GRAY, CLIP, SIGNAL):
        assert Input(source).picture is source


def test_inputs_are_compared_by_source_and_reading() -> None:
    row = Reading(line=Line("row", 2))
    assert Input(PHOTO, row) == Input(PHOTO, Reading(line=Line("row", 2)))
    assert Input(PHOTO, row) != Input(PHOTO, WHOLE)
    assert Input(PHOTO, row) != Input(replace(PHOTO), row)


def test_a_line_or_frame_outside_is_the_nearest_inside() -> None:
    line = kinds("Conv1d", line=Line("row", 99))(document())
    assert line.reading.line == Line("row", 8)
    assert edits.set_line(line, Line("column", -3)).reading.line == Line("column", 0)
    frame = kinds("Conv2d", frame=99)(opened(CLIP)(document()))
    assert frame.reading.frame == 4


def test_a_line_or_frame_of_what_is_read_whole_changes_nothing() -> None:
    for start in (document(), opened(CLIP)(document()), opened(SIGNAL)(document())):
        assert edits.set_line(start, Line("row", 1)) is start
        assert edits.set_frame(start, 1) is start


def test_a_volume_is_there_again_after_a_layer_of_pictures() -> None:
    deep = opening.read_as_it_is(opened(CLIP)(edits.set_kind(document(), "Conv3d")))
    flat = kinds("Conv2d", frame=1)(deep)
    again = edits.set_kind(flat, "Conv3d")
    assert again.picture is CLIP
    assert again.input == deep.input


def test_the_line_that_was_chosen_is_read_of_the_next_photo_too() -> None:
    line = kinds("Conv1d", line=Line("column", 11))(document())
    narrow = replace(PHOTO, pixels=np.ascontiguousarray(PHOTO.pixels[:, :5]))
    assert opened(MATRIX)(line).reading == Reading(line=Line("column", 11))
    assert opened(narrow)(line).reading == Reading(line=Line("column", 4))


def test_a_drag_of_the_line_that_comes_back_is_no_step() -> None:
    start = kinds("Conv1d")(document())
    away = edits.set_line(start, Line("row", 0))
    history = History(start).push(away, LABEL, "line").push(edits.set_line(away, Line("row", 4)), LABEL, "line")
    assert not history.past


def test_undo_counts_pixels_once_however_they_are_read() -> None:
    rows = MAX_OTHER_PIXELS // (1024 * 3) * 3 // 4
    large = np.zeros((rows, 1024, 3), np.uint8)  # three quarters of what undo may hold, memory that is never touched
    first = opening.set_source(kinds("Conv1d")(document()), Source("large", large, ("R", "G", "B"), 255.0))
    history = History(first)
    for n in range(20):
        history = history.push(edits.set_line(history.present, Line("row", n)), LABEL)
    history = history.push(edits.set_kind(history.present, "Conv2d"), LABEL)
    assert len(history.past) == 21
    gone = history.push(opened(PHOTO)(history.present), LABEL)
    assert len(gone.past) == 22  # the pixels of one photo
    other = Source("other", np.zeros((rows, 1024, 3), np.uint8), ("R", "G", "B"), 255.0)
    full = gone.push(opened(other)(gone.present), LABEL)
    assert len(full.past) == 23
    assert len(full.push(opened(PHOTO)(full.present), LABEL).past) == 2  # those of two


def test_undo_counts_the_pixels_that_a_reading_makes() -> None:
    rows = MAX_OTHER_PIXELS // 4096 * 5 // 8
    gray = Source("large", np.zeros((rows, 4096, 1), np.uint8), ("gray",), 255.0)
    history = History(document()).push(document(1), LABEL).push(opened(gray)(document(1)), LABEL)
    assert len(history.push(document(), LABEL).past) == 3
    small = replace(gray, pixels=gray.pixels[: rows // 3])  # the array is held whole
    read = History(document()).push(opened(small)(document()), LABEL)
    assert read.present.reading.channels == "rgb"  # 5/24 more, three times
    assert len(read.push(document(), LABEL).past) == 0
