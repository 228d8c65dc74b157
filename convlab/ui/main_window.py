"""The window: panels around the maps, and the commands that need one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from convlab.app.workbench import Workbench
from convlab.app.worker import INSIDE
from convlab.model.document import Document
from convlab.model.message import Message
from convlab.model.opening import Notice
from convlab.model.reading import Input
from convlab.ui.closing import Closing
from convlab.ui.explain_panel import ExplainPanel
from convlab.ui.form_scroll import FormScroll
from convlab.ui.help_commands import HelpCommands
from convlab.ui.input_panel import InputPanel
from convlab.ui.kernel_panel import KernelPanel
from convlab.ui.layer_form import LayerForm
from convlab.ui.layer_info import LayerInfo
from convlab.ui.lesson_commands import LessonCommands
from convlab.ui.lesson_panel import LessonPanel
from convlab.ui.map_panel import MapPanel
from convlab.ui.menus import Menus
from convlab.ui.message_bar import MessageBar
from convlab.ui.open_commands import OpenCommands
from convlab.ui.opening_bar import OpeningBar
from convlab.ui.plain import one_line
from convlab.ui.presentation import Presentation
from convlab.ui.save_commands import SaveCommands
from convlab.ui.session_commands import SessionCommands
from convlab.ui.stack_bar import StackBar
from convlab.ui.stack_commands import StackCommands
from convlab.ui.status_readout import StatusReadout
from convlab.ui.theme import shown
from convlab.ui.tile_grid import TileGrid

LAYOUT_VERSION = 4
DEFAULT_SIZE = (1280, 800)
EXPLAIN_HEIGHT = 246


class Docks(NamedTuple):
    """The panels around the maps."""

    inputs: QDockWidget
    kernels: QDockWidget
    layer: QDockWidget
    explain: QDockWidget
    lesson: QDockWidget
    layers: QDockWidget


class MainWindow(QMainWindow):
    """x, then w, then x ∗ w, from left to right; the layer's parameters at the right."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self.workbench = workbench
        session, scheduler = workbench.session, workbench.scheduler
        self.inputs = InputPanel(session, scheduler)
        self.kernels = KernelPanel(session)
        self.layer_form, self.layer_info = LayerForm(session), LayerInfo(session, workbench.settings)
        self.maps = MapPanel(session, scheduler)
        self.explain = ExplainPanel(session, scheduler, workbench.stepper)
        self.lesson = LessonPanel(workbench.classroom)
        self.layer_form.refused.connect(self.show_message)
        self.stack_commands = StackCommands(session, self)
        self.stack = StackBar(session, self.stack_commands)
        self.messages = MessageBar()
        self.setCentralWidget(self._center())
        self.docks = self._make_docks()
        self.sessions, self.saves, self.lessons = SessionCommands(self), SaveCommands(self), LessonCommands(self)
        self.opens, self.help = OpenCommands(self), HelpCommands(self)
        self.closing = Closing(self)
        self.menus = Menus(self)
        self.setStatusBar(StatusReadout(session, scheduler))
        self.setAcceptDrops(True)
        self.presentation: Presentation | None = None
        self._noticed: Input | None = None
        self._connect()
        self._titled: tuple[object, ...] = ()
        self._show_layer()
        self._show_history()
        self._restore_layout()
        self._show_stack()

    def open_path(self, path: str) -> None:
        """A photo, a signal, a folder, a session or a lesson."""
        self.opens.open_path(path)

    # View

    def zoom(self, factor: float) -> None:
        """Zoom all tiles about the mouse, or their centres where it is on none."""
        self._zoomed_grid().zoom_by(factor)

    def _zoomed_grid(self) -> TileGrid:
        """The panel of tiles under the mouse, else the maps'."""
        grids = (grid for grid in self.findChildren(TileGrid) if grid.isVisible() and grid.zooms_at_pointer)
        return next(grids, self.maps.maps)

    def fit(self) -> None:
        """Show the whole photo in every tile."""
        self.workbench.session.set_view(viewport=None)

    def actual_size(self) -> None:
        """One device pixel a photo pixel."""
        self._zoomed_grid().zoom_to(1.0)

    def zoom_to_numbers(self) -> None:
        """So far in that every pixel shows its number."""
        self._zoomed_grid().zoom_to(40.0 * self.devicePixelRatioF())

    def toggle_presentation(self) -> None:
        """The flow of a value on the whole screen, or back."""
        if self.presentation is not None:
            self.presentation.close()
            return
        self.presentation = Presentation(self.workbench, self)
        self.presentation.left.connect(self._presented)
        self.presentation.setGeometry(self.screen().geometry())
        self.presentation.begin()
        self.presentation.showFullScreen()

    @Slot()
    def _presented(self) -> None:
        self.presentation = None
        self.activateWindow()

    def show_message(self, text: str) -> None:
        """A sentence that stays until it is closed."""
        self.messages.show_message(text)

    def say_done(self, text: str, milliseconds: int = 8000) -> None:
        """Something went well: an older warning goes."""
        self.messages.hide()
        self.statusBar().showMessage(text, milliseconds)

    def reset_layout(self) -> None:
        """The layout of the first start."""
        self.workbench.settings.forget_layout()
        for dock in self.docks:
            dock.setFloating(False)
            dock.show()
        self._place_docks()

    # Wiring

    def _connect(self) -> None:
        bench = self.workbench
        bench.session.history_changed.connect(self._show_history)
        bench.session.document_changed.connect(self._show_layer)
        bench.session.document_changed.connect(self._stack_changed)
        bench.session.document_changed.connect(self._notice_over)
        bench.session.view_changed.connect(self._show_layer)
        bench.session.refused.connect(self.show_failure)
        bench.opener.failed.connect(self.show_failure)
        bench.opener.opened.connect(self.messages.hide)
        bench.opener.noticed.connect(self._show_notice)
        bench.scheduler.failed.connect(self.show_failure)
        self.kernels.refused.connect(self.show_message)
        self.explain.save_wanted.connect(self.saves.save_ledger)
        self.inputs.photo.selected.connect(bench.opener.cut)
        bench.classroom.failed.connect(self.show_failure)
        bench.sessions.failed.connect(self.show_failure)
        bench.sessions.noticed.connect(self._say)
        bench.sessions.opened.connect(self._session_opened)

    @Slot(object)
    def show_failure(self, text: Message) -> None:
        """Why something could not be done; of a fault of ours the text too, behind a button."""
        if text.template == INSIDE:
            self.messages.show_message(shown(text), self.tr("Show the text"), self.help.show_fault)
        else:
            self.show_message(shown(text))

    @Slot(object)
    def _show_notice(self, notice: Notice) -> None:
        def choose() -> None:
            self.workbench.session.apply(notice.edit, notice.choice)

        self._noticed = self.workbench.session.document.input
        self.messages.show_notice(shown(notice.text), shown(notice.choice), choose)

    @Slot(object)
    def _say(self, text: Message) -> None:
        self.messages.show_notice(shown(text))

    @Slot(object)
    def _session_opened(self, _path: Path) -> None:
        self.messages.hide()
        self.classroom_left()

    def classroom_left(self) -> None:
        """A whole state took the lesson's place."""
        self.workbench.classroom.leave()
        self.docks.explain.setVisible(self.workbench.session.view.explaining)

    @Slot()
    def _show_history(self) -> None:
        self.menus.show_history()

    @Slot()
    def _show_layer(self) -> None:
        """Titles, and the form of the chosen layer."""
        session = self.workbench.session
        document, place = session.document, session.document.focus
        self.show_title()
        self.menus.frame.setEnabled(document.picture.frames > 1)
        layer = document.layers[place].layer
        several = len(document.layers) > 1
        state = (document.source, place, layer.kind, several, document.place)
        if state == self._titled:
            return
        self._titled = state
        title = self.tr("LAYER {n}  {kind}") if several else self.tr("LAYER  nn.{kind}")
        self.docks.layer.setWindowTitle(title.format(n=place + 1, kind=layer.kind))
        kernels = self.tr("KERNELS  w of layer {n}") if several else self.tr("KERNELS  w")
        self.docks.kernels.setWindowTitle(kernels.format(n=document.place + 1))
        self.layer_info.setVisible(document.focus == document.place)

    @Slot()
    def show_title(self) -> None:
        """The session's file, marked while it differs, or the input."""
        files = self.workbench.sessions
        name = self.workbench.session.document.source.name if files.path is None else files.path.name
        mark = "" if files.path is None else "[*]"
        title = f"{one_line(name).replace('[*]', '[*][*]')}{mark} – ConvLab"
        if (title, files.changed) != (self.windowTitle(), self.isWindowModified()):
            self.setWindowTitle(title)
            self.setWindowModified(files.changed)

    @Slot(object, object)
    def _notice_over(self, old: Document, new: Document) -> None:
        """A notice goes with the input that it is about, and where its inputs are others now."""
        if self._noticed is not None and (new.input != self._noticed or new.conv.spec.kind != old.conv.spec.kind):
            self._noticed = None
            self.messages.end_notice()

    @Slot(object, object)
    def _stack_changed(self, old: Document, new: Document) -> None:
        if (len(old.layers) > 1) != (len(new.layers) > 1):
            self._show_stack()
        source = new.source
        deepened = new.reading.depth and not old.reading.depth and source is old.source
        if deepened and source.frames > 1 and source.path:
            self.workbench.opener.open_file(source.path, follow=True)  # all its frames, in place of the channels of one

    def _show_stack(self) -> None:
        """The row of layers is there as soon as there are several."""
        self.docks.layers.setVisible(len(self.workbench.session.document.layers) > 1)

    # Layout

    def _center(self) -> QWidget:
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(OpeningBar(self.workbench.opening))
        column.addWidget(self.maps, 1)
        return center

    def _make_docks(self) -> Docks:
        layer = QWidget()
        column = QVBoxLayout(layer)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.layer_form)
        column.addWidget(self.layer_info, 1)
        parts: tuple[tuple[str, QWidget], ...] = (
            ("INPUT", self.inputs),
            ("KERNELS", self.kernels),
            ("LAYER", FormScroll(layer)),
            ("EXPLAIN", self.explain),
            ("LESSON", self.lesson),
            ("LAYERS", self.stack),
        )
        titles = {
            "INPUT": self.tr("INPUT  x"),
            "KERNELS": self.tr("KERNELS  w"),
            "LAYER": self.tr("LAYER"),
            "EXPLAIN": self.tr("EXPLAIN  Σ x·w + b"),
            "LESSON": self.tr("LESSON"),
            "LAYERS": self.tr("LAYERS"),
        }
        docks = []
        for name, widget in parts:
            dock = QDockWidget(titles[name], self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            docks.append(dock)
        self.setDockNestingEnabled(True)
        self.docks = Docks(*docks)
        self._place_docks()
        self.docks.explain.visibilityChanged.connect(self._explaining)
        self.docks.lesson.toggleViewAction().toggled.connect(self._lesson_toggled)
        self.docks.lesson.visibilityChanged.connect(self._share_corner)
        return self.docks

    @Slot(bool)
    def _explaining(self, on: bool) -> None:
        if on:
            self.workbench.session.set_view(explaining=True)
        else:
            self.workbench.session.set_view(
                explaining=False, pinned=None, pinned_input=None, offered=None, stepping=False, tap=None
            )

    @Slot(bool)
    def _lesson_toggled(self, on: bool) -> None:
        """Closing the panel ends the lesson, and lifts its locks."""
        if not on:
            self.workbench.classroom.leave()

    @Slot(bool)
    def _share_corner(self, lesson: bool) -> None:
        """The column at the right is as high as the window while a lesson is in it; else the sums have that room."""
        area = Qt.DockWidgetArea.RightDockWidgetArea if lesson else Qt.DockWidgetArea.BottomDockWidgetArea
        self.setCorner(Qt.Corner.BottomRightCorner, area)

    def _place_docks(self) -> None:
        inputs, kernels, layer, explain, lesson, stack = self.docks
        stack.setTitleBarWidget(QWidget())
        self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, stack)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, inputs)
        self.splitDockWidget(inputs, kernels, Qt.Orientation.Horizontal)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, lesson)
        self.splitDockWidget(lesson, layer, Qt.Orientation.Vertical)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, explain)
        self.resizeDocks([inputs, kernels, layer], [200, 262, 296], Qt.Orientation.Horizontal)
        self.resizeDocks([explain], [EXPLAIN_HEIGHT], Qt.Orientation.Vertical)
        explain.hide()
        lesson.hide()
        self._show_stack()

    def _restore_layout(self) -> None:
        settings = self.workbench.settings
        geometry, state = settings.layout("geometry"), settings.layout("state")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(*DEFAULT_SIZE)
        if state is not None:
            self.restoreState(state, LAYOUT_VERSION)

    # Qt's names

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures may be dropped."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        if self.opens.take(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where nothing that has the focus wants it, closes the message."""
        if event.key() == Qt.Key.Key_Escape and self.messages.isVisible():
            self.messages.hide()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save what is to be saved, remember the layout, end the threads."""
        event.ignore()  # also where something below raises: Qt would close the window, and its threads with it
        if not self.closing.may_close():
            return
        settings = self.workbench.settings
        settings.set_layout("geometry", self.saveGeometry())
        settings.set_layout("state", self.saveState(LAYOUT_VERSION))
        self.saves.end_progress()
        if self.presentation is not None:
            self.presentation.close()
        self.workbench.close()
        event.accept()
