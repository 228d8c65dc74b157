"""Numbers typed or pasted as the input picture."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convlab.model.matrix import FILLS, MOST_CHANNELS, MOST_CUT, FloatArray, format_matrix, parse_matrix
from convlab.model.message import ConvLabError, message
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import code_font, quiet_text, shown, warning_color
from convlab.ui.typed_number import WholeBox


class MatrixDialog(QDialog):
    """Text that is read as it is typed; OK only when it is a picture. `channels`: what was read, [C, H, W]."""

    def __init__(self, start: FloatArray, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Numbers as input"))
        self.channels = start
        self.text = QPlainTextEdit()
        self.text.setFont(code_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("numbers"))
        sizes = (("channels", len(start), MOST_CHANNELS), ("rows", start.shape[1], MOST_CUT))
        self.sizes = [self._spin(*size) for size in (*sizes, ("columns", start.shape[2], MOST_CUT))]
        self.fills = {name: QPushButton(shown(message(title))) for name, (title, _) in FILLS.items()}
        for name, button in self.fills.items():
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, n=name: self._fill(n))
        self.about = PlainLabel()
        self.about.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.text.textChanged.connect(self._read)
        self.text.setPlainText(format_matrix(start))
        self._lay_out()
        self.resize(560, 440)

    def _spin(self, name: str, value: int, most: int) -> WholeBox:
        titles = {"channels": self.tr("channels"), "rows": self.tr("rows"), "columns": self.tr("columns")}
        spin = WholeBox(1, most)
        spin.setValue(min(value, most))
        spin.setAccessibleName(titles[name])
        spin.setPrefix(f"{titles[name]} ")
        return spin

    def _fill(self, name: str) -> None:
        channels, rows, cols = (spin.value() for spin in self.sizes)
        make = FILLS[name][1]
        self.text.setPlainText(format_matrix(make((channels, rows, cols))))

    @Slot()
    def _read(self) -> None:
        try:
            self.channels = parse_matrix(self.text.toPlainText())
        except ConvLabError as error:
            text, color, valid = shown(error.message), warning_color(self.palette()), False
        else:
            channels, rows, cols = self.channels.shape
            text = self.tr("{channels} × {rows} × {cols} numbers: channels × rows × columns").format(
                channels=channels, rows=rows, cols=cols
            )
            color, valid = quiet_text(self.palette()), True
        self.about.setText(text)
        self.about.setStyleSheet(f"color: {color.name()}")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(valid)

    def _lay_out(self) -> None:
        hint = PlainLabel(
            self.tr(
                "Type or paste rows of numbers from a spreadsheet, or Python or NumPy text. An empty line begins the "
                "next channel; three channels are R, G and B. The layer reads the numbers as they are."
            )
        )
        hint.setWordWrap(True)
        row = QHBoxLayout()
        for spin in self.sizes:
            row.addWidget(spin)
        row.addStretch(1)
        for button in self.fills.values():
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addLayout(row)
        column.addWidget(self.text, 1)
        column.addWidget(self.about)
        column.addWidget(self.buttons)
