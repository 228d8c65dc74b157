"""The stack of layers from left to right, as the numbers flow through it."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convlab.app.session import Session
from convlab.model.problems import bytes_text
from convlab.model.stack import Costs, chain_problem
from convlab.model.volumes import receptive_size
from convlab.ui.layer_figures import count_text, grouped
from convlab.ui.stack_commands import StackCommands
from convlab.ui.stack_delegate import StackDelegate
from convlab.ui.stack_model import StackModel, shape_text
from convlab.ui.theme import SPACE, figures_font
from convlab.ui.tone_label import ToneLabel


class StackList(QListView):
    """Chips in a row: a click or the arrows choose a layer, Space switches it, Delete removes it, a drag moves it."""

    def __init__(self, commands: StackCommands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(StackDelegate(self))
        self.setAccessibleName(self.tr("layers"))
        self.viewport().setAutoFillBackground(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    @Slot(QPoint)
    def _menu(self, point: QPoint) -> None:
        if self.indexAt(point).isValid():
            self.setCurrentIndex(self.indexAt(point))
        menu = QMenu(self)
        menu.addMenu(self._commands.add_menu)
        menu.addActions(self._commands.actions)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Delete act on the chosen layer."""
        if event.key() == Qt.Key.Key_Delete:
            self._commands.remove.trigger()
        elif event.key() == Qt.Key.Key_Space:
            self._commands.switch.trigger()
        else:
            super().keyPressEvent(event)


class StackBar(QWidget):
    """Input, layers, and what they cost together; the buttons act on the chosen layer."""

    def __init__(self, session: Session, commands: StackCommands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = StackModel(session, self)
        self.list = StackList(commands)
        self.list.setModel(self.model)
        self._input = ToneLabel(tone="quiet")
        self._input.setFont(figures_font(self))
        self._totals = ToneLabel(tone="quiet")
        self._totals.setFont(figures_font(self))
        self._totals.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add = QToolButton()
        self.add.setText(self.tr("+ Layer"))
        self.add.setMenu(commands.add_menu)
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setToolTip(self.tr("Add a layer after the chosen one"))
        self._buttons = [self._button(commands, name) for name in ("switch", "watch", "remove")]
        self._lay_out()
        self.model.moved.connect(commands.move)
        self.list.selectionModel().currentChanged.connect(self._choose)
        session.document_changed.connect(self._show)
        session.view_changed.connect(self._show)
        session.limits_changed.connect(self._show)
        self._show()

    def _button(self, commands: StackCommands, name: str) -> QToolButton:
        texts = {"switch": self.tr("On"), "watch": self.tr("◉ Keep maps"), "remove": self.tr("✕")}
        action = getattr(commands, name)
        button = QToolButton()
        button.setDefaultAction(action)
        button.setText(texts[name])
        action.changed.connect(lambda: button.setText(texts[name]))
        button.setAccessibleName(action.text())
        button.setAutoRaise(True)
        return button

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._session.choose_layer(current.row())

    @Slot()
    def _show(self) -> None:
        if not self.isVisible():  # a single layer has no row
            return
        self.model.show_stack()
        index = self.model.index(self._session.document.focus)
        selection = self.list.selectionModel()
        if selection.currentIndex() != index or not selection.isSelected(index):
            with QSignalBlocker(selection):
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.list.scrollTo(index)
            self.list.viewport().update()
        document = self._session.document
        read = shape_text(document.source_shape, len(document.conv.spec.axes))
        self._input.setText(self.tr("input") + f"\n{read}")
        self._totals.setText(self._total_text())

    def _total_text(self) -> str:
        document = self._session.document
        if chain_problem(document.layers, document.source_shape, self._session.limits) is not None:
            return "—"
        shape, total = document.source_shape, Costs(0, 0, 0)
        for entry in document.layers:
            if entry.on:
                total += entry.layer.costs(shape, document.conv.spec.dtype)
                shape = entry.layer.output_shape(shape)
        macs = grouped(total.multiply_accumulates)
        self._totals.setToolTip(self.tr("{macs} multiply-adds for one input").format(macs=macs))
        first = self.tr("{parameters} parameters · {macs} multiply-adds").format(
            parameters=grouped(total.parameters), macs=count_text(total.multiply_accumulates)
        )
        seen = document.conv.spec.torch_sizes(receptive_size(document.layers, document.source_shape))
        second = self.tr("maps {memory} · receptive field {size}").format(
            memory=bytes_text(total.map_bytes), size=" × ".join(map(str, seen))
        )
        return f"{first}\n{second}"

    def _lay_out(self) -> None:
        height = self.list.itemDelegate().sizeHint(self._option(), self.model.index(0)).height()
        bar = self.list.horizontalScrollBar().sizeHint().height()
        self.list.setFixedHeight(height + bar)
        buttons = QVBoxLayout()
        buttons.setSpacing(0)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for widget, line in zip((self.add, *self._buttons), (upper, lower, lower, lower), strict=True):
            line.addWidget(widget)
        upper.addStretch(1)
        lower.addStretch(1)
        buttons.addLayout(upper)
        buttons.addLayout(lower)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + 2, 2, SPACE + 2, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._input)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        row.addSpacing(SPACE)
        row.addWidget(self._totals)

    def _option(self) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        self.list.initViewItemOption(option)
        return option

    # Qt's names

    def showEvent(self, event: QShowEvent) -> None:
        """Take over what has changed meanwhile."""
        super().showEvent(event)
        self._show()
