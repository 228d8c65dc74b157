"""WAV and CSV files, written by others, as signals."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convlab.io.inputs import read_input
from convlab.io.signals import read_signal
from convlab.model.message import ConvLabError


def write_wav(path: Path, samples: np.ndarray, width: int) -> None:
    """samples [L, C], whole numbers of `width` bytes, by Python's own writer."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(8000)
        raw = samples.astype("<i4").tobytes()
        data = b"".join(raw[n : n + width] for n in range(0, len(raw), 4))
        file.writeframes(data if width > 1 else (samples + 128).astype(np.uint8).tobytes())


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_every_width_is_between_minus_one_and_one(tmp_path: Path, width: int) -> None:
    top = 2 ** (8 * width - 1)
    samples = np.random.default_rng(0).integers(-top, top, (50, 2))
    samples[:2] = [[-top, top - 1], [0, 1]]
    write_wav(tmp_path / "a.wav", samples, width)
    found = read_input(str(tmp_path / "a.wav"))
    assert found.signal
    assert found.channel_names == ("left", "right")
    np.testing.assert_array_equal(found.pixels[0], (samples / top).astype(np.float32))


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("1,2\n3,4.5\n", ("c0", "c1"), [[1, 2], [3, 4.5]]),
        ("time;höhe\n1,5;2\n\n3;−4\n".replace("−", "-"), ("time", "höhe"), [[1.5, 2], [3, -4]]),
        ("\ufeffx\n1e3\n-2\n", ("x",), [[1000], [-2]]),
        ("1\t2\t3\n", ("c0", "c1", "c2"), [[1, 2, 3]]),
    ],
)
def test_csv_columns_are_channels(tmp_path: Path, text: str, names: tuple[str, ...], values: list) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = read_signal(str(tmp_path / "a.csv"))
    assert found.channel_names == names
    np.testing.assert_array_equal(found.pixels[0], np.array(values, np.float32))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.csv", b"1,2\n3\n", "line 2"),
        ("a.csv", b"", "no samples"),
        ("a.csv", b"1\nnan\n", "larger than float32"),
        ("a.csv", b"1\n1e60\n", "larger than float32"),
        ("a.csv", b"\xff\xfe\x00", "no file of samples"),
        ("a.wav", b"RIFF", "no file of samples"),
        ("a.wav", b"", "no file of samples"),
        ("a.csv", (",".join(["1"] * 65)).encode(), "65 channels"),
    ],
)
def test_what_is_no_signal_says_why(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConvLabError, match=says):
        read_signal(str(tmp_path / name))
    with pytest.raises(ConvLabError, match="was not opened"):
        read_signal(str(tmp_path / f"absent-{name}"))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_wav_is_read_or_refused_in_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.arange(40).reshape(20, 2), 2)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    refusals: list[str] = []
    try:
        samples = read_signal(str(path)).pixels
    except ConvLabError as error:
        refusals.append(str(error))
        samples = np.zeros(1)
    assert np.isfinite(samples).all()
    assert all("was not opened" in text for text in refusals)
