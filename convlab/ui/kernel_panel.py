"""The kernels: all of them, the chosen one in numbers, its bias, and what can be done to it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.edits import Scope
from convlab.model.kernel_actions import ACTIONS, Action, RandomKind, random_action, scale
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.presets import PRESETS, Preset
from convlab.ui.bias_field import BiasField
from convlab.ui.kernel_grid import KernelGrid
from convlab.ui.kernel_table import KernelTable
from convlab.ui.numbers_only import numbers_only
from convlab.ui.plain import PlainLabel, bold, channel_text
from convlab.ui.preset_strip import PresetStrip
from convlab.ui.steady_label import SteadyLabel
from convlab.ui.theme import SPACE, number_text, shown

MOST_NAME = 16
"""Characters of a channel's name over its kernel."""


class KernelPanel(QWidget):
    """refused(str): why something could not be done to a kernel."""

    refused = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.grid = KernelGrid(session)
        self.table = KernelTable(session)
        self.table.refused.connect(self.refused)
        self.bias = BiasField(session)
        self.strip = PresetStrip(session)
        self._heading, self._sum = bold(PlainLabel()), SteadyLabel()
        self.scope = self._scope_box()
        self.action_button = self._menu_button(self.tr("Actions"), self._action_menu())
        self.preset_button = self._menu_button(self.tr("Presets"), self._preset_menu())
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._show)
        self._show()

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if not numbers_only(old, new):
            self._show()
        elif old.conv.weight is not new.conv.weight:
            self._show_sum()

    @Slot()
    def _show(self) -> None:
        maps, view = self._session.edited, self._session.view
        inputs = maps.convolution.weight_spec.group_inputs(view.chosen_output)
        names, index = maps.input_names, inputs[view.chosen_input]
        name = channel_text(names[index], MOST_NAME) if index < len(names) else "?"
        heading = self.tr("{name} → out {o}").format(name=name, o=view.chosen_output)
        self._heading.setText(heading)
        self._show_sum()

    def _show_sum(self) -> None:
        view = self._session.view
        kernel = self._session.document.conv.kernel_slices[view.chosen_output, view.chosen_input]
        self._sum.setText(self.tr("sum {total}").format(total=number_text(round(float(kernel.sum()), 10))))

    def _chosen(self) -> tuple[int, int]:
        return self._session.view.chosen_output, self._session.view.chosen_input

    def _scope(self) -> Scope:
        scope: Scope = self.scope.currentData()
        return scope

    def _act(self, action: Action, label: Message) -> None:
        scope, chosen = self._scope(), self._chosen()
        self._session.apply(lambda document: edits.act_on_kernels(document, scope, chosen, action), label)

    def _scale(self) -> None:
        factor, ok = QInputDialog.getDouble(
            self, self.tr("Scale"), self.tr("Multiply every weight by"), 2.0, -1e6, 1e6, 4
        )
        if ok:
            self._act(scale(factor), message(QT_TRANSLATE_NOOP("model", "scale by {factor}"), factor=factor))

    def _randomize(self, kind: RandomKind) -> None:
        seed, ok = QInputDialog.getInt(self, self.tr("Random weights"), self.tr("Seed"), 0, 0, 2**31 - 1)
        if not ok:
            return
        shape = self._session.document.conv.kernel_slices.shape
        action = random_action(kind, seed, shape[1] * shape[2] * shape[3])
        self._act(action, message(QT_TRANSLATE_NOOP("model", "random weights, seed {seed}"), seed=seed))

    def _apply_preset(self, preset: Preset) -> None:
        self.strip.start(preset, self._scope(), self._chosen())

    def _scope_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("scope"))
        box.setToolTip(self.tr("What actions and presets change"))
        titles: tuple[tuple[Scope, str], ...] = (
            ("kernel", self.tr("this kernel")),
            ("row", self.tr("all inputs of this output")),
            ("column", self.tr("this input of every output")),
            ("all", self.tr("all kernels")),
        )
        for scope, title in titles:
            box.addItem(title, scope)
        box.setCurrentIndex(1)
        return box

    def _action_menu(self) -> QMenu:
        menu = QMenu(self)
        for named in ACTIONS:
            label = message(named.title)
            menu.addAction(shown(label)).triggered.connect(
                lambda _c=False, action=named.action, label=label: self._act(action, label)
            )
        menu.addAction(self.tr("Scale…")).triggered.connect(self._scale)
        menu.addSeparator()
        kinds: tuple[tuple[RandomKind, str], ...] = (
            ("default", self.tr("Random: PyTorch's default…")),
            ("uniform", self.tr("Random: uniform ±1…")),
            ("normal", self.tr("Random: normal…")),
        )
        for kind, title in kinds:
            menu.addAction(title).triggered.connect(lambda _c=False, kind=kind: self._randomize(kind))
        return menu

    def _preset_menu(self) -> QMenu:
        menu = QMenu(self)
        parts: dict[str, QMenu] = {}
        for preset in PRESETS.values():
            if preset.category not in parts:
                parts[preset.category] = menu.addMenu(shown(message(preset.category)))
                parts[preset.category].setToolTipsVisible(True)
            dots = "…" if preset.parameters else ""
            action = parts[preset.category].addAction(shown(message(preset.title)) + dots)
            action.setToolTip(preset.description)
            action.triggered.connect(lambda _c=False, preset=preset: self._apply_preset(preset))
        return menu

    def _menu_button(self, text: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setText(f"{text} ▾")
        button.setAccessibleName(text)
        button.setStyleSheet("QToolButton::menu-indicator { image: none }")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(self._heading)
        heading.addStretch(1)
        heading.addWidget(self._sum)
        bias = QHBoxLayout()
        bias.addWidget(PlainLabel("bias"))
        bias.addWidget(self.bias, 1)
        change = QHBoxLayout()
        change.addWidget(self.preset_button, 1)
        change.addWidget(self.action_button, 1)
        for button in (self.preset_button, self.action_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, 0, 0, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.grid, 1)
        column.addLayout(heading)
        column.addWidget(self.table)
        column.addLayout(bias)
        column.addWidget(self.scope)
        column.addLayout(change)
        column.addWidget(self.strip)
        column.addStretch(0)
