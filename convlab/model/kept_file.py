"""A state that the program keeps by itself, as a JSON value: a session, and the file that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from convlab.model.document import Document
from convlab.model.fields import Fields, parse_json
from convlab.model.input_file import MOST_PIXEL_BYTES, InputFile
from convlab.model.json_stream import Most
from convlab.model.session_file import SessionFile, read_state, session_data
from convlab.model.stack_file import MOST_WEIGHTS
from convlab.model.view import ViewState

FORMAT, VERSION = "kept", 1
MOST = Most(file=1_000_000_000, numbers=MOST_WEIGHTS + 1_000_000, unpacked=MOST_PIXEL_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class KeptFile:
    """A kept state as read. file: the session's file that it belongs to, '' for none; changed: it differs from it."""

    session: SessionFile
    file: str
    changed: bool


def kept_data(
    document: Document, view: ViewState, where: InputFile | str, file: str, changed: bool
) -> dict[str, object]:
    """The value that becomes JSON. where: the input's file, or the name of one that holds its pixels."""
    state = session_data(document, view, where)
    return {"convlab": FORMAT, "version": VERSION, "file": file, "changed": changed, "state": state}


def parse_kept(data: bytes | Iterable[bytes]) -> KeptFile:
    """Read what `kept_data` became; ConvLabError says what is wrong."""
    fields = Fields(parse_json(data, MOST), "the kept state")
    fields.choice("convlab", (FORMAT,))
    fields.whole("version", 1, VERSION)
    found = KeptFile(read_state(fields.inner("state"), own=True), fields.text("file"), fields.flag("changed"))
    fields.end()
    return found
