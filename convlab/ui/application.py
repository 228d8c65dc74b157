"""Starts Qt, the workbench and the window; draws the window into a file when asked."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLibraryInfo, QLocale, QSettings, Qt, QTemporaryDir, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from convlab.app.keeping import Keeper, kept_folder
from convlab.app.log import start_log
from convlab.app.settings import Settings
from convlab.app.workbench import Workbench, assets_folder
from convlab.model.message import ConvLabError, Message
from convlab.ui.main_window import MainWindow
from convlab.ui.palettes import apply_scheme
from convlab.ui.unix_signals import UnixSignals

GRAB_LIMIT_MS = 60_000
OPEN_KEPT_MS = 400
"""The window is not held back longer by a state that is being opened."""


@dataclass(frozen=True, slots=True)
class Start:
    """How to start.

    photo: a path, also of a lesson, or None for the bundled photo. scheme: 'light', 'dark' or None for the system's.
    """

    photo: str | None = None
    scheme: str | None = None
    grab: str | None = None
    size: tuple[int, int] | None = None


def run(start: Start) -> int:
    """Open the window and return when it is closed; with start.grab, save its picture and end."""
    return _run_grab(start, start.grab) if start.grab else _run_window(start)


def _run_window(start: Start) -> int:
    start_log()
    app = application(start.scheme)
    workbench = Workbench(settings=Settings())
    workbench.faults.install()
    said: list[Message] = []
    workbench.keeper.failed.connect(said.append)
    went_on: list[ConvLabError | None] = []
    workbench.keeper.opened.connect(went_on.append)
    left = workbench.keeper.start(kept_folder(), go_on=start.photo is None)
    if workbench.keeper.is_opening:
        _wait_for(workbench.keeper, OPEN_KEPT_MS)
    window = shown_window(workbench, start)
    window.sessions.tell_start(left, went_on, said)
    signals = UnixSignals(window.closing.close_without_questions, window) if sys.platform != "win32" else None
    window.lessons.read()
    workbench.opener.sweep(workbench.settings.folder_unasked("save"))
    workbench.opener.find_missing(workbench.settings.recent_files)
    if start.photo:
        window.open_path(start.photo)
    app.lastWindowClosed.connect(app.exit)  # Qt's own quitting is held up where a first close was put off by a save
    code = app.exec()
    workbench.faults.uninstall()
    del signals
    return code


def _wait_for(keeper: Keeper, most_ms: int) -> None:
    """Until the state that was left is open, or for so long: the window comes up as it will be."""
    loop = QEventLoop()
    keeper.opened.connect(loop.quit)
    keeper.failed.connect(loop.quit)
    QTimer.singleShot(most_ms, loop, loop.quit)
    loop.exec()


def _run_grab(start: Start, path: str) -> int:
    folder = QTemporaryDir()  # a grab neither reads nor changes what is remembered
    _, _, window = opened(start, folder.filePath("grab.ini"))
    if start.photo:
        window.open_path(start.photo)
    return _grab(window, Path(path), start.photo)


def opened(start: Start, settings_file: str | None = None) -> tuple[QApplication, Workbench, MainWindow]:
    """The window on screen, and torch about to be imported. settings_file: instead of the person's settings."""
    app = application(start.scheme)
    settings = Settings(QSettings(settings_file, QSettings.Format.IniFormat) if settings_file else None)
    workbench = Workbench(settings=settings)
    return app, workbench, shown_window(workbench, start)


def shown_window(workbench: Workbench, start: Start) -> MainWindow:
    """The window on screen, and torch about to be imported."""
    if start.photo:
        workbench.opening.warm_up()  # ready by the time the window is
    window = MainWindow(workbench)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, start.grab is not None)
    if start.size:
        window.resize(*start.size)
    window.show()
    QTimer.singleShot(0, workbench.scheduler, workbench.scheduler.start_engine)
    return window


def application(scheme: str | None) -> QApplication:
    """The one QApplication, in Fusion style, light or dark; None is what the system says."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("ConvLab")
    application.setDesktopFileName("convlab")
    application.setStyle("Fusion")
    application.setWindowIcon(_icon())
    apply_scheme(application, scheme)
    translator = QTranslator(application)
    if translator.load(QLocale(), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    return application


def _icon() -> QIcon:
    return QIcon(str(assets_folder() / "icon.svg"))


def _grab(window: MainWindow, path: Path, photo: str | None) -> int:
    """Wait for the maps of what was asked for, save the window's picture, close."""
    failure = _wait_until_drawn(window.workbench, photo)
    if failure is None and not window.grab().save(str(path)):
        failure = f"{path} cannot be written"
    window.close()
    if failure is not None:
        print(f"convlab: {failure}", file=sys.stderr)
    return 0 if failure is None else 1


def _wait_until_drawn(bench: Workbench, photo: str | None) -> str | None:
    """Until the maps are refined, of `photo` where there is one; why it cannot be opened or drawn."""
    waiting = {"photo": photo is not None}
    loop = QEventLoop()
    failure: list[str] = []

    def opened(*_: object) -> None:
        waiting["photo"] = False
        drawn()

    def failed(text: object) -> None:
        failure.append(str(text))
        loop.quit()

    def drawn(*_: object) -> None:
        if bench.scheduler.refined and not waiting["photo"]:
            QTimer.singleShot(0, loop, loop.quit)

    for files in (bench.opener, bench.classroom, bench.sessions):
        files.opened.connect(opened)
        files.failed.connect(failed)
    bench.scheduler.failed.connect(failed)
    bench.scheduler.rendered.connect(drawn)
    QTimer.singleShot(GRAB_LIMIT_MS, loop, loop.quit)
    loop.exec()
    if waiting["photo"] and not failure:
        failure.append(f"{photo} took too long to open")
    return failure[0] if failure else None
