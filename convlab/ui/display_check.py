"""Whether Qt could open a window here, asked before Qt is, since Qt aborts where it cannot."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = (
    "libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1"
)
ADVICE = (
    "ConvLab cannot open a window: {reason}. On Debian or Ubuntu, 'apt install {packages}' brings the system "
    "libraries that Qt needs. Without a screen, 'convlab apply PHOTO --kernel sobel-x --out DIR' does the same "
    "work, and 'convlab --grab FILE.png' draws the window into a file."
)


def why_no_window(environment: dict[str, str] | None = None) -> str | None:
    """One paragraph for a person, or None when a window can be opened."""
    env = dict(os.environ) if environment is None else environment
    if not sys.platform.startswith("linux"):
        return None
    platform = env.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform not in ("", "xcb"):
        return None
    if not platform and env.get("WAYLAND_DISPLAY"):
        return None
    reason = _missing_library() or _no_server(env)
    return ADVICE.format(reason=reason, packages=PACKAGES) if reason else None


def _missing_library() -> str | None:
    """The system library that Qt's xcb platform plug-in cannot find."""
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        return "PySide6 is not installed"
    plugin = Path(spec.origin).parent / "Qt/plugins/platforms/libqxcb.so"
    if not plugin.exists():  # a distribution's own PySide6 knows where its plug-ins are
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error).split(":")[0] + " is missing"
    return None


def _no_server(env: dict[str, str]) -> str | None:
    display = env.get("DISPLAY")
    if not display:
        return "there is no display (DISPLAY is not set)"
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"no X server answers at DISPLAY={display}" if failed else None
