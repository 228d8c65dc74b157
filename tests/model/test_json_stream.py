"""JSON in pieces is the same JSON; long lists and texts are counted while they come."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convlab.model import json_stream
from convlab.model.json_stream import LongBytes, LongNumbers, Most, read_json
from convlab.model.message import ConvLabError

MOST = Most(file=50_000_000, numbers=1_000_000, unpacked=1_000_000)
NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e30, 1e30))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def plain(value: object) -> object:
    """The value with its long parts as Python has them."""
    if isinstance(value, LongNumbers):
        return value.array.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


@given(VALUES, st.integers(1, 40), st.booleans(), st.sampled_from([None, 1]))
def test_what_is_small_is_read_as_json_reads_it(value: object, size: int, ascii: bool, indent: int | None) -> None:
    data = json.dumps(value, ensure_ascii=ascii, indent=indent).encode("utf-8", "surrogatepass")
    try:
        wanted = json.loads(data.decode())
    except UnicodeDecodeError:
        return
    assert read_json(in_pieces(data, size), MOST) == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 60), st.sampled_from([None, 1]), st.data())
@example([3, 1, 2], 7, None, None)
def test_long_lists_are_arrays(
    monkeypatch: pytest.MonkeyPatch, shape: list[int], size: int, indent: int | None, data: st.DataObject | None
) -> None:
    monkeypatch.setattr(json_stream, "LONG", 12)
    count = int(np.prod(shape))
    numbers = [0.5] * count if data is None else data.draw(st.lists(NUMBERS, min_size=count, max_size=count))
    value = np.array(numbers, dtype=np.float64).reshape(shape)
    text = json.dumps({"a": 1, "b": [True, value.tolist()], "c": "x"}, indent=indent).encode()
    found = read_json(in_pieces(text, size), MOST)
    assert plain(found) == {"a": 1, "b": [True, value.tolist()], "c": "x"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[1, 2, 3], [4, 5]]", "not equally long"),
        ("[1, 2, [3, 4], 5, 6]", "not equally long"),
        ("[[], [], [], [], []]", "no valid JSON"),
        ("[1, 2 3, 4, 5, 6, 7]", "no valid JSON"),
        ("[1, 2, 3, 4, 01, 5, 6]", "no valid JSON"),
        ("[1, 2, 3, 4, 5, 6, 1e60]", "larger than float32"),
        ("[1, 2, 3, 4, 5, 6, 1e999]", "larger than float32"),
        ("[1, 2, 3, 4, 5, 6, " + "9" * 400 + "]", "no valid JSON"),
        ("[1, 2, 3, 4, 5, 6, true]", "no valid JSON"),
        ("[1, 2, 3, 4, 5, 6, NaN]", "no valid JSON"),
        ("[1, 2, 3, 4, 5, 6, 7", "no valid JSON"),
        ('{"a": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', "no valid JSON"),
        ('{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": 1}', "no valid JSON"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100])
def test_a_long_list_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, said: str, size: int) -> None:
    monkeypatch.setattr(json_stream, "LONG", 12)
    with pytest.raises(ConvLabError, match=said):
        read_json(in_pieces(text.encode(), size), MOST)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_long_texts_are_what_they_pack(data: bytes, size: int) -> None:
    packed = base64.b64encode(zlib.compress(data) + b"").decode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "LONG", 8)
        found = read_json(in_pieces(json.dumps([packed, "no"]).encode(), size), MOST)
    assert isinstance(found, list)
    assert isinstance(found[0], LongBytes)
    assert found[0].data == data
    assert found[1] == "no"


@pytest.mark.parametrize("text", ["no base64 at all, but long", "AAAA" * 5, "A" * 21, 'with a "quote" in a long text'])
def test_a_long_text_that_packs_nothing_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(json_stream, "LONG", 8)
    found = read_json([json.dumps(text).encode()], MOST)
    assert isinstance(found, LongBytes)
    assert found.data is None


def test_what_is_too_much_is_refused_while_it_comes() -> None:
    taken = []

    def endless(piece: bytes):
        yield b'{"a": '
        for n in range(10**6):
            taken.append(n)
            yield piece

    with pytest.raises(ConvLabError, match="no valid JSON"):
        read_json(endless(b"[[" * 10**5), Most(file=10**12, numbers=10**6))
    with pytest.raises(ConvLabError, match="more than 4 MB beside"):
        read_json(endless(b"[{" * 10**5), Most(file=10**12, numbers=10**6))
    with pytest.raises(ConvLabError, match="more than 1000000 numbers"):
        read_json(endless(b"[" + b"1," * 10**5), Most(file=10**12, numbers=10**6))
    with pytest.raises(ConvLabError, match="more than 1000000 numbers"):
        read_json(endless(b"[1," + b"2," * 10**5), Most(file=10**12, numbers=10**6))
    with pytest.raises(ConvLabError, match="larger than 50 MB"):
        read_json(endless(b'"' + b"x" * 10**6 + b'",'), MOST)
    assert len(taken) < 200


def test_a_line_in_error_is_the_files_own() -> None:
    text = '{"a": [\n' + "1,\n" * 40_000 + "1],\n oops}"
    with pytest.raises(ConvLabError, match="line 40003, column 2"):
        read_json(in_pieces(text.encode(), 5000), MOST)
