"""The PyTorch code of the session's layers, its style, and a button that copies it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from convlab.app.session import Session
from convlab.app.settings import Settings
from convlab.model.document import Document
from convlab.model.stack import chain_problem
from convlab.model.stack_code import CodeStyle, has_styles, network_code, weight_count
from convlab.ui.field_combo import FieldCombo
from convlab.ui.later import Later
from convlab.ui.theme import SPACE, code_font
from convlab.ui.tone_label import ToneLabel

_CODE_LINES = 9
_TURNS_TO = (QEvent.Type.Enter, QEvent.Type.FocusIn, QEvent.Type.ShortcutOverride, QEvent.Type.ContextMenu)
_FEW_WEIGHTS = 2000
"""The code of another layer of more weights than this waits as well until the hand rests."""


class CodePanel(QWidget):
    """The code, kept current by who calls `follow`; '—' while torch would refuse it.

    That of other weights is written when the hand rests, or when somebody turns to it.
    """

    def __init__(self, session: Session, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self.view, self._copy = QPlainTextEdit(), QPushButton(self.tr("Copy"))
        choices = (("sequential", self.tr("nn.Sequential")), ("class", self.tr("class")))
        tip = self.tr("How the layers are written: one after another in nn.Sequential, or as a class with forward")
        self._style = FieldCombo(self.tr("Style of the code"), choices, tip)
        self._later = Later(self.show_code, self)
        self._soon = QTimer(self, interval=0, singleShot=True)  # after the maps have been asked for
        self._soon.timeout.connect(self.show_code)
        self._copy.clicked.connect(self._copy_code)
        self._style.value_changed.connect(self._choose_style)
        self._style.show_value(settings.code_style)
        self._lay_out()

    def follow(self, document: Document, numbers_only: bool) -> None:
        """Show the code of the session's new document soon; numbers_only: nothing but weights differs in it."""
        if numbers_only or weight_count(document) > _FEW_WEIGHTS:
            self._later.start()
        else:
            self._soon.start()

    def show_choices(self) -> None:
        """What can be done with the code: copied where torch takes the layers, and written otherwise if several."""
        self._copy.setEnabled(not self._broken())
        self._style.setVisible(has_styles(self._session.document))

    @Slot()
    def show_code(self) -> None:
        """Show it now, leaving the place scrolled to as it is."""
        self._later.stop()
        text = "—" if self._broken() else self._code()
        if text != self.view.toPlainText():
            bars = (self.view.horizontalScrollBar(), self.view.verticalScrollBar())
            places = [bar.value() for bar in bars]
            self.view.setPlainText(text)
            for bar, place in zip(bars, places, strict=True):
                bar.setValue(place)

    def _lay_out(self) -> None:
        self.view.setReadOnly(True)
        self.view.installEventFilter(self)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setFont(code_font())
        self.view.setAccessibleName(self.tr("PyTorch code"))
        self.view.setToolTip(self.tr("PyTorch code that builds this layer, or all layers where there are several"))
        self.view.setTabChangesFocus(True)
        self.view.setMinimumHeight(self.view.fontMetrics().lineSpacing() * _CODE_LINES + 2 * SPACE)
        self._copy.setAccessibleName(self.tr("Copy PyTorch code"))
        self._copy.setToolTip(self.tr("Copy the code to the clipboard"))
        policy = self._style.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # or the code would move
        self._style.setSizePolicy(policy)
        heading = QHBoxLayout()
        heading.addWidget(ToneLabel(self.tr("PyTorch"), tone="quiet"), 1)
        heading.addWidget(self._style)
        heading.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(heading)
        layout.addWidget(self.view, 1)

    def _broken(self) -> bool:
        """Whether some layer of the stack does not fit."""
        document = self._session.document
        if document.is_one_layer:
            return bool(self._session.layer_problems)
        return chain_problem(document.layers, document.source_shape, self._session.limits) is not None

    def _code(self) -> str:
        return network_code(self._session.document, self._settings.code_style)

    @Slot(object)
    def _choose_style(self, style: CodeStyle) -> None:
        self._settings.set_code_style(style)
        self.show_code()

    @Slot()
    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self._code())

    # Qt's names

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever turns to the code finds that of the present weights."""
        if event.type() in _TURNS_TO:
            self._later.now()
        return super().eventFilter(watched, event)
