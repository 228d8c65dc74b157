"""Entries of menus, and of the menus inside them, by their text."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


def entries(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        inner = action.menu()
        yield from entries(inner) if isinstance(inner, QMenu) else [action]


def offered(menu: QMenu, text: str) -> QAction:
    return next(action for action in entries(menu) if action.text() == text)
