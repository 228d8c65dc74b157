"""Sentences made below the window, translated only when they are shown.

The model knows no Qt, so a sentence travels as a template plus its values. `QT_TRANSLATE_NOOP` marks the
template for Qt's lupdate; the window translates it with `QCoreApplication.translate("model", template)`,
the command line prints it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convlab.model.plain_text import escaped, shortened

MOST_NAME = 120
"""Characters of a name or a path in a sentence; of a longer one the middle is left out."""

MOST_VALUE = 2000
_NAMES = frozenset(("name", "path", "folder", "first", "title", "near"))


def QT_TRANSLATE_NOOP(context: str, template: str) -> str:  # noqa: N802  (the name that lupdate looks for)
    """Return `template` unchanged; the call only marks it for translation."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a person: `template` in str.format syntax, and the values to put in it."""

    template: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.filled(self.template, str)

    def filled(self, template: str, sentence: Callable[[Message], str]) -> str:
        """`template`, or its translation, with the values; `sentence` gives those that are messages themselves."""
        return template.format(**{name: _shown(name, value, sentence) for name, value in self.values})


def visible(text: str, most: int = MOST_NAME) -> str:
    """A text from outside on one line of `most` characters: what cannot be seen is escaped, a long middle left out."""
    return shortened(escaped(text[:most] + text[-most:] if len(text) > 2 * most else text), most)


def _shown(name: str, value: object, sentence: Callable[[Message], str]) -> object:
    if isinstance(value, Message):
        return sentence(value)
    return visible(value, MOST_NAME if name in _NAMES else MOST_VALUE) if isinstance(value, str) else value


def message(template: str, **values: object) -> Message:
    """Build a `Message`, keeping the values in a hashable form."""
    return Message(template, tuple(values.items()))


def either(names: Sequence[str]) -> Message:
    """'PNG, JPEG or GIF'."""
    return _listed(names, QT_TRANSLATE_NOOP("model", "{others} or {last}"))


def every(names: Sequence[str]) -> Message:
    """'PNG, JPEG and GIF'."""
    return _listed(names, QT_TRANSLATE_NOOP("model", "{others} and {last}"))


def _listed(names: Sequence[str], template: str) -> Message:
    *others, last = names
    return message(template, others=", ".join(others), last=last) if others else message("{last}", last=last)


class ConvLabError(Exception):
    """A refusal that a person can read: str() is one clear sentence."""

    def __init__(self, text: Message | str) -> None:
        super().__init__(str(text))
        self.message = text if isinstance(text, Message) else Message(text.replace("{", "{{").replace("}", "}}"))
