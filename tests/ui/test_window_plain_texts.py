"""Markup in texts from outside is text: put into every source of one, looked for in every widget."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

import convlab.ui
from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.plain import menu_text, one_line, tip_text

MARKUP = "<h1>x&y</h1><img src='coffee.png' width=900>"
CASES = Path(__file__).parents[1] / "fixtures" / "cases"
VERSION1 = Path(__file__).parents[1] / "fixtures" / "version1"
RICH = ("<p>", "<span style='white-space: pre-wrap'>")
"""How the texts begin that are markup on purpose."""


def widgets() -> list[QWidget]:
    return [each for top in QApplication.topLevelWidgets() for each in (top, *top.findChildren(QWidget))]


def rendered() -> list[str]:
    """Texts that Qt renders as markup and that nobody meant to be."""
    found = []
    for widget in widgets():
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            found.append(f"{type(widget).__name__}: {widget.text()}")
        tip = widget.toolTip()
        if Qt.mightBeRichText(tip) and (not tip.startswith(RICH) or "<h1>" in tip or "<img" in tip):
            found.append(f"tip of {type(widget).__name__}: {tip}")
    return found


def shown() -> list[str]:
    """What labels, titles, buttons, menus and tips say."""
    texts = []
    for widget in widgets():
        for name in ("text", "windowTitle", "title", "toolTip", "accessibleName"):
            value = getattr(widget, name, None)
            value = value() if callable(value) else value
            texts += [value] if isinstance(value, str) else []
        texts += [action.text() for action in widget.actions() if isinstance(action, QAction)]
    return texts


def open_path(qtbot: QtBot, window: MainWindow, path: Path, settle: Callable[[], None]) -> None:
    with qtbot.waitSignal(window.workbench.opening.ended):
        window.open_path(str(path))
    settle()
    assert window.messages.isHidden() or not window.messages.text.startswith("⚠"), window.messages.text


def everything(window: MainWindow, settle: Callable[[], None]) -> None:
    """Every panel on screen, a pixel explained, an edit undone and one to be undone."""
    for dock in window.docks:
        dock.show()
    session = window.workbench.session
    session.set_view(pinned=(0, 0), explaining=True)
    settle()
    for tab in range(window.explain.tabs.count()):
        window.explain.tabs.setCurrentIndex(tab)
        settle()
    session.apply(lambda document: edits.change_channel(document, 0, muted=True), message("mute {name}", name=MARKUP))
    session.apply(lambda document: edits.set_layer(document, out_channels=3), message("undo {name}", name=MARKUP))
    session.undo()
    settle()


def test_a_file_name_is_text(qtbot: QtBot, window: MainWindow, settle: Callable[[], None], tmp_path: Path) -> None:
    name = "<h1>x&y<h1><img src=a>.png"
    Image.new("RGB", (9, 8), "red").save(tmp_path / name, "PNG")
    open_path(qtbot, window, tmp_path / name, settle)
    everything(window, settle)
    assert rendered() == []
    assert any(name in text for text in shown())
    assert window.windowTitle() == f"{name} – ConvLab"
    recent = window.menus._recent.actions()[0]
    assert recent.text().replace("&&", "\0").count("&") == 0
    assert "x&&y" in recent.text()
    assert "&" not in window.menus.undo.text()[1:].replace("&&", "")
    window.open_path(str(tmp_path / "<h1>gone.png"))
    qtbot.waitUntil(window.messages.isVisible)
    assert "“<h1>gone.png” is not there." in window.messages.text
    assert rendered() == []


def test_a_csv_header_is_text(qtbot: QtBot, window: MainWindow, settle: Callable[[], None]) -> None:
    width = window.minimumSizeHint().width()
    open_path(qtbot, window, CASES / "markup.csv", settle)
    everything(window, settle)
    assert rendered() == []
    assert any("<img src='coffee.png'" in text for text in shown())
    assert window.minimumSizeHint().width() < width + 300


def test_a_sessions_texts_are_text(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None], tmp_path: Path
) -> None:
    value = json.loads((VERSION1 / "matrix.convlab").read_text())
    names = [f"{MARKUP}{n}" for n in range(len(value["input"]["names"]))]
    value["input"] |= {"name": MARKUP, "description": MARKUP, "names": names}
    (tmp_path / "s.convlab").write_text(json.dumps(value))
    open_path(qtbot, window, tmp_path / "s.convlab", settle)
    everything(window, settle)
    assert rendered() == []
    assert any(names[0] in text for text in shown())


def test_a_lessons_texts_are_text(qtbot: QtBot, window: MainWindow, settle: Callable[[], None], tmp_path: Path) -> None:
    value = json.loads((VERSION1 / "challenge-matrix.json").read_text())
    scene = value["scenes"][0]
    scene |= {
        "title": MARKUP,
        "text": f"{MARKUP}\n\n{MARKUP}",
        "try": [MARKUP],
        "questions": [{"ask": MARKUP, "kind": "value", "why": MARKUP}],
        "compare": {"show": ["map", "size"], "variants": [{"title": MARKUP, "layer": {"stride": 2}}]},
    }
    value["title"] = MARKUP
    (tmp_path / "l.json").write_text(json.dumps(value))
    (tmp_path / "<h1>broken.json").write_text("{")
    window.workbench.settings.set_lessons_folder(str(tmp_path))
    with qtbot.waitSignal(window.workbench.classroom.catalog_changed):
        window.menus.read_lessons.trigger()
    window.messages.hide()
    classroom = window.workbench.classroom
    with qtbot.waitSignals([classroom.scored, classroom.compared], timeout=20_000):
        window.open_path(str(tmp_path / "l.json"))
    settle()
    with qtbot.waitSignal(classroom.judged):
        classroom.ask(0, "1")
    everything(window, settle)
    assert rendered() == []
    assert sum(MARKUP in text for text in shown()) > 5
    menu = [action.text() for action in window.menus.lessons.actions()]
    assert f"★ {MARKUP.replace('&', '&&')}" in menu
    assert any("<h1>broken.json" in text for text in menu)


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\u2028b", "a\ud800b", "a\x9bb"])
def test_names_are_shown_on_one_line(text: str) -> None:
    shown = one_line(text)
    assert shown.startswith("a\\")
    assert shown.endswith("b")
    assert shown.isprintable()
    assert shown.isascii()
    assert str(message("“{name}” is not there.", name=text)) == f"“{shown}” is not there."


def test_a_long_path_loses_its_middle() -> None:
    path = "/home/" + "x" * 500 + "/photo.png"
    shown = one_line(path)
    assert len(shown) == 120
    assert shown.startswith("/home/xxx")
    assert shown.endswith("xxx/photo.png")
    assert len(str(message("{path} is gone", path=path))) == 128
    assert one_line("short.png") == "short.png"


def test_tips_and_menus_show_what_is_there() -> None:
    assert tip_text("plain") == "plain"
    assert Qt.mightBeRichText(tip_text(MARKUP))
    assert "<h1>" not in tip_text(MARKUP)
    assert menu_text("a & b") == "a && b"


def test_every_label_of_the_window_is_a_plain_one() -> None:
    """What looks for itself whether its text is markup is made nowhere."""
    files = sorted(Path(convlab.ui.__file__).parent.glob("*.py"))
    assert [path.name for path in files if re.search(r"\bQLabel\(|\(QLabel\)", path.read_text())] == ["plain.py"]
