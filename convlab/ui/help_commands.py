"""Help: the keys, the log, what this program is; and what went wrong unexpectedly, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convlab.app.log import log_path, read_log
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, code_font

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow

KEYS_SIZE, TEXT_SIZE = (700, 640), (860, 520)


class HelpCommands(QObject):
    """Shows what the menu Help says, and the texts of faults."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.workbench.faults.happened.connect(self._tell_fault)

    def show_keys(self) -> None:
        """Every shortcut of the window, and what the keyboard does in its panels."""
        dialog = QDialog(self._window)
        dialog.setWindowTitle(self.tr("Keys"))
        rows = [*_menu_keys(self._window), *self._panel_keys()]
        table = QTableWidget(len(rows), 2)
        table.setAccessibleName(self.tr("keys"))
        table.setHorizontalHeaderLabels([self.tr("keys"), self.tr("what they do")])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(1.6 * table.fontMetrics().height()))
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setShowGrid(False)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                table.setItem(number, column, QTableWidgetItem(text))
        table.resizeColumnToContents(0)
        table.horizontalHeader().setStretchLastSection(True)
        _run(dialog, [table], KEYS_SIZE)

    def _panel_keys(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Wheel"), self.tr("zoom all tiles; over a weight change it, Shift ×10, Ctrl ÷10")),
            (self.tr("Drag"), self.tr("pan all tiles; over a weight change it")),
            (self.tr("Shift+drag on the photo"), self.tr("take these pixels as the input")),
            (self.tr("Arrows, Shift+arrows"), self.tr("on tiles: choose one; pan")),
            (self.tr("M, S"), self.tr("on an input channel: mute, solo")),
            (self.tr("Space, Delete"), self.tr("on a layer of the stack: switch off or on, take out")),
            (self.tr("Space, ← →, Page Up, Page Down"), self.tr("while stepping: play or pause, step")),
            (self.tr("Ctrl+C, Ctrl+V"), self.tr("on the weights: copy, paste a kernel")),
            (self.tr("Esc"), self.tr("let a kept pixel go; take a preset back; close a message")),
        ]

    def show_log(self) -> None:
        """The end of the program's log."""
        text = read_log() or self.tr("Nothing has gone wrong so far.")
        self._show_text(self.tr("Log"), self.tr("The log is in {path}").format(path=log_path()), text)

    def show_about(self) -> None:
        """Name, version, what it stands on."""
        from importlib.metadata import version

        text = self.tr(
            "<b>ConvLab {version}</b><p>A playground for convolution: photos, kernels and every parameter of "
            "nn.Conv2d, live.</p><p>Computed by torch; the kernel shown is the kernel applied "
            "(cross-correlation, not flipped).</p>"
        )
        QMessageBox.about(self._window, self.tr("About ConvLab"), text.format(version=version("convlab")))

    def show_fault(self) -> None:
        """The text of the fault that was told last."""
        about = self.tr("This text says where it happened. It is in the log too (Help ▸ Log).")
        self._show_text(self.tr("What went wrong"), about, self._window.workbench.faults.last)

    @Slot(str)
    def _tell_fault(self, _text: str) -> None:
        said = self.tr("Something went wrong inside ConvLab. Your work is as it was; you can go on.")
        self._window.messages.show_message(said, self.tr("Show the text"), self.show_fault)

    def _show_text(self, title: str, about: str, text: str) -> None:
        dialog = QDialog(self._window)
        dialog.setWindowTitle(title)
        label = PlainLabel(about)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown = QPlainTextEdit(text)
        shown.setReadOnly(True)
        shown.setAccessibleName(title)
        shown.setFont(code_font())
        shown.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        shown.verticalScrollBar().setValue(shown.verticalScrollBar().maximum())
        _run(dialog, [label, shown], TEXT_SIZE, copies=text)


def _run(dialog: QDialog, parts: list[QWidget], size: tuple[int, int], copies: str = "") -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    if copies:
        copy = buttons.addButton(dialog.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(copies))
    column = QVBoxLayout(dialog)
    column.setSpacing(SPACE)
    for part in (*parts, buttons):
        column.addWidget(part)
    dialog.resize(*size)
    dialog.exec()
    dialog.deleteLater()


def _menu_keys(window: MainWindow) -> list[tuple[str, str]]:
    """The shortcuts in the menu bar, menu by menu."""
    found: list[tuple[str, str]] = []
    for top in window.menuBar().actions():
        for action in _actions_in(top.menu()):
            keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
            if keys:
                found.append((keys, f"{_plain(top.text())} ▸ {_plain(window.menus.name_of(action))}"))
    return found


def _actions_in(menu: QObject | None) -> list[QAction]:
    if not isinstance(menu, QMenu):
        return []
    return [inner for action in menu.actions() for inner in (_actions_in(action.menu()) or [action])]


def _plain(text: str) -> str:
    """Without the marks of mnemonics."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
