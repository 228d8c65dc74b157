"""Sentences made below the window, translated only when they are shown.

The model knows no Qt, so a sentence travels as a template plus its values. `QT_TRANSLATE_NOOP` marks the
template for Qt's lupdate; the window translates it with `QCoreApplication.translate("model", template)`,
the command line prints it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass


def QT_TRANSLATE_NOOP(context: str, template: str) -> str:  # noqa: N802  (the name that lupdate looks for)
    """Return `template` unchanged; the call only marks it for translation."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a person: `template` in str.format syntax, and the values to put in it."""

    template: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.template.format(**dict(self.values))


def message(template: str, **values: object) -> Message:
    """Build a `Message`, keeping the values in a hashable form."""
    return Message(template, tuple(values.items()))


class ConvLabError(Exception):
    """A refusal that a person can read: str() is one clear sentence."""

    def __init__(self, text: Message | str) -> None:
        super().__init__(str(text))
        self.message = text if isinstance(text, Message) else Message(text.replace("{", "{{").replace("}", "}}"))
