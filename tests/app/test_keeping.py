"""The state is kept by itself: after every change, whole or not at all, each window its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from convlab.app.keeping import KEEP_AFTER_MS, Keeper
from convlab.app.settings import Settings
from convlab.app.workbench import Workbench
from convlab.io.kept import STATE, Slot, kept_states, open_kept, read_kept
from convlab.io.saving import saving
from convlab.model import edits, opening
from convlab.model.document import Document
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.source import Source

LABEL = message("edit")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Workbench]]:
    """Makes windows' workbenches; all are closed at the end."""
    made: list[Workbench] = []

    def make() -> Workbench:
        store = QSettings(str(tmp_path / f"{len(made)}.ini"), QSettings.Format.IniFormat)
        made.append(Workbench(settings=Settings(store)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def change(bench: Workbench, value: float) -> Document:
    bench.session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL)
    return bench.session.document


def stored(keeper: Keeper) -> Document:
    assert keeper.folder is not None
    document, gone = open_kept(read_kept(keeper.folder), keeper.folder, 1 << 30)
    assert gone is None
    return document


def test_a_change_is_on_disk_within_five_seconds(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one = bench()
    assert one.keeper.start(root, go_on=True) is None
    with qtbot.waitSignal(one.keeper.kept, timeout=5000):
        changed = change(one, 7.5)
    assert one.keeper.is_kept
    assert stored(one.keeper).conv.weight.tolist() == changed.conv.weight.tolist()
    assert KEEP_AFTER_MS < 5000


def test_changes_without_a_pause_do_not_put_it_off(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    count = 0

    def drag() -> bool:
        nonlocal count
        count += 1
        change(one, float(count))
        return one.keeper.folder is not None and (one.keeper.folder / STATE).exists()

    qtbot.waitUntil(drag, timeout=5000)


def test_nothing_is_kept_of_a_start_without_a_change(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.assertNotEmitted(one.keeper.kept, wait=KEEP_AFTER_MS + 300):
        pass
    one.close()
    assert kept_states(root) == ()
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("kind", ["matrix", "16-bit", "gray as colour", "volume", "line"])
def test_pixels_that_are_in_no_file_are_written_once_and_come_back(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot, kind: str
) -> None:
    from convlab.model.signals import volume_source

    deep = np.random.default_rng(1).integers(0, 65536, (9, 8, 3)).astype(np.uint16)
    gray = Source("gray", deep[:, :, :1].copy(), ("gray",), 65535.0)
    sources = {
        "matrix": matrix_source(np.arange(75.0).reshape(3, 5, 5)),
        "16-bit": Source("clipboard", deep, ("R", "G", "B"), 65535.0),
        "gray as colour": gray,
        "volume": volume_source(np.stack([deep, deep]), Source("clip", deep, ("R", "G", "B"), 65535.0)),
        "line": Source("clipboard", deep.copy(), ("R", "G", "B"), 65535.0),
    }
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        one.session.apply(lambda d: opening.set_source(d, sources[kind]), LABEL)
        if kind == "line":
            one.session.apply(lambda d: edits.set_kind(d, "Conv1d"), LABEL)
    assert one.keeper.folder is not None
    (pixels,) = one.keeper.folder.glob("pixels-*.npy")
    written = pixels.stat().st_mtime_ns
    with qtbot.waitSignal(one.keeper.kept):
        changed = change(one, 3.25)
    assert pixels.stat().st_mtime_ns == written
    back = stored(one.keeper)
    for name in ("pixels", "volume"):
        np.testing.assert_array_equal(getattr(back.source, name), getattr(changed.source, name))
    assert back.source.channel_names == changed.source.channel_names
    assert back.reading == changed.reading
    assert back.conv.spec == changed.conv.spec


def test_two_windows_keep_two_states(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one, other = bench(), bench()
    for each, value in ((one, 1.5), (other, 2.5)):
        each.keeper.start(root, go_on=True)
        with qtbot.waitSignal(each.keeper.kept):
            change(each, value)
    assert one.keeper.folder != other.keeper.folder
    assert stored(one.keeper).conv.kernel_slices[0, 0, 0, 0] == 1.5
    assert stored(other.keeper).conv.kernel_slices[0, 0, 0, 0] == 2.5
    assert one.keeper.others() == ()  # held by the other window


def test_the_next_window_goes_on_where_the_last_one_left_off(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot
) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        changed = change(one, 7.5)
    one.close()
    two = bench()
    with qtbot.waitSignal(two.keeper.opened):
        assert two.keeper.start(root, go_on=True) is None
    assert two.session.document.conv.weight.tolist() == changed.conv.weight.tolist()
    assert not two.session.history.past


def test_a_photo_on_the_command_line_leaves_what_was_kept(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot
) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 7.5)
    one.close()
    two = bench()
    left = two.keeper.start(root, go_on=False)
    assert left is not None
    with qtbot.waitSignal(two.keeper.kept):
        change(two, 1.0)
    assert read_kept(left.folder).session.saved.layers
    with qtbot.waitSignal(two.keeper.opened):
        two.keeper.open(left)
    assert two.session.document.conv.kernel_slices[0, 0, 0, 0] == 7.5
    two.session.undo()
    assert two.session.document.conv.kernel_slices[0, 0, 0, 0] == 1.0


def test_a_state_that_windows_died_with_twice_in_a_row_is_offered_and_not_opened(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot
) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 7.5)
    one.close()
    (state,) = kept_states(root)
    assert state.deaths == 0
    for deaths in (1, 2):
        slot = Slot(state.folder)  # as a window does, which then dies: the lock goes, the count stays
        slot._lock.release()
        assert kept_states(root)[0].deaths == deaths
    two = bench()
    left = two.keeper.start(root, go_on=True)
    assert left is not None
    assert left.folder == state.folder
    assert not two.keeper.is_opening


def test_nothing_is_written_over_a_state_before_it_is_open(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot
) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 7.5)
    one.close()
    (state,) = kept_states(root)
    before = (state.folder / STATE).read_bytes()
    two = bench()
    two.keeper.start(root, go_on=True)
    change(two, 1.0)  # a person was quicker than the disk
    with qtbot.waitSignal(two.keeper.kept):
        pass
    assert two.keeper.folder != state.folder
    assert (state.folder / STATE).read_bytes() == before


def test_layers_whose_photo_is_gone_are_not_lost(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    from PIL import Image

    photo = tmp_path / "gone.png"
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(photo)
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.opener.opened):
        one.opener.open_file(str(photo))
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 7.5)
    one.close()
    photo.unlink()
    two = bench()
    with qtbot.waitSignal(two.keeper.opened) as found:
        two.keeper.start(root, go_on=True)
    assert "gone.png" in str(found.args[0])
    assert two.session.document.conv.kernel_slices[0, 0, 0, 0] == 7.5


def test_a_broken_state_is_said_and_stays(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    (root / "1").mkdir(parents=True)
    (root / "1" / STATE).write_text('{"convlab": "kept", "version": 1')
    one = bench()
    with qtbot.waitSignal(one.keeper.failed):
        one.keeper.start(root, go_on=True)
    assert one.keeper.folder == root / "2"
    assert (root / "1" / STATE).exists()


def test_what_cannot_be_kept_is_said_once(
    bench: Callable[[], Workbench], root: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)

    def full(path: object) -> object:
        raise OSError(28, os.strerror(28))

    said: list[str] = []
    one.keeper.failed.connect(lambda text: said.append(str(text)))
    monkeypatch.setattr("convlab.io.kept.json_pieces", full)
    with qtbot.waitSignal(one.keeper.failed):
        change(one, 1.0)
    assert one.keeper.is_refused
    change(one, 2.0)
    one.keeper.keep_now()
    qtbot.waitUntil(lambda: not one.saves)
    assert said == ["Your work is not being kept: “state.json” was not saved: the disk is full."]
    monkeypatch.undo()
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 3.0)
    assert not one.keeper.is_refused


def test_a_state_of_many_weights_reads_back_exactly(tmp_path: Path) -> None:
    from convlab.io.json_text import json_pieces

    value = {
        "weight": np.random.default_rng(1).normal(size=(40, 30, 3, 3)),
        "long": np.arange(10_000.0),
        "small": np.float64(2.5),
        "list": [1, "ä“\ud800", None, True, {"x": np.zeros((0,))}],
    }
    pieces = list(json_pieces(value))
    with saving(tmp_path / "x.json") as file:
        file.write("".join(pieces).encode())
    back = json.loads((tmp_path / "x.json").read_bytes())
    np.testing.assert_array_equal(np.array(back["weight"]), value["weight"])
    np.testing.assert_array_equal(np.array(back["long"]), value["long"])
    assert back["list"] == [1, "ä“\ud800", None, True, {"x": []}]
    assert max(map(len, pieces)) < 60_000


def test_a_state_that_is_left_is_left_as_it_is(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    change(one, 7.5)
    one.keeper.begin_anew()  # before the change was written
    qtbot.waitUntil(lambda: len(one.keeper.others()) == 1)
    (left,) = one.keeper.others()
    assert open_kept(read_kept(left.folder), left.folder, 1 << 30)[0].conv.kernel_slices[0, 0, 0, 0] == 7.5
    assert one.keeper.folder != left.folder


def test_a_folder_that_vanished_is_made_anew(bench: Callable[[], Workbench], root: Path, qtbot: QtBot) -> None:
    one = bench()
    one.keeper.start(root, go_on=True)
    with qtbot.waitSignal(one.keeper.kept):
        change(one, 1.0)
    shutil.rmtree(root)
    with qtbot.waitSignal(one.keeper.kept, timeout=10_000):
        change(one, 2.0)
    assert stored(one.keeper).conv.kernel_slices[0, 0, 0, 0] == 2.0
    assert not one.keeper.is_refused
