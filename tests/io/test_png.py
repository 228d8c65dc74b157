"""Pictures come back from Pillow as they were, and are no larger than is usual."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convlab.io import png
from convlab.io.png import encode_png
from convlab.io.samples import open_sample
from convlab.model.charts import CHARTS, draw_chart

KINDS = ((np.uint8, ()), (np.uint8, (3,)), (np.uint16, ()))


def decoded(parts: list[bytes]) -> np.ndarray:
    with Image.open(io.BytesIO(b"".join(parts))) as image:
        assert image.format == "PNG"
        image.verify()  # checks every chunk's sum
    with Image.open(io.BytesIO(b"".join(parts))) as image:
        return np.asarray(image)


@given(st.integers(1, 40), st.integers(1, 300), st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_every_picture_comes_back(height: int, width: int, kind: tuple, smoothness: int, seed: int) -> None:
    dtype, channels = kind
    top = np.iinfo(dtype).max >> (smoothness * 2)
    pixels = np.random.default_rng(seed).integers(0, top, (height, width, *channels), dtype, endpoint=True)
    back = decoded(encode_png(pixels))
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, pixels)


@pytest.mark.parametrize("way", [*png.RUNS, *png.MATCHES])
def test_every_way_gives_the_picture_in_bands_too(way: png.Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "BAND_BYTES", 700)
    monkeypatch.setattr(png, "_best_way", lambda *_: way)
    for dtype, channels in KINDS:
        pixels = np.cumsum(np.random.default_rng(1).integers(0, 9, (37, 53, *channels)), axis=0).astype(dtype)
        np.testing.assert_array_equal(decoded(encode_png(pixels)), pixels)


@pytest.mark.parametrize("name", ["astronaut", "coffee", *CHARTS])
def test_files_are_hardly_larger_than_pillows_slow_ones(name: str) -> None:
    pixels = (draw_chart(name) if name in CHARTS else open_sample(name)).pixels[:, :, 0].astype(np.uint8)
    pillows = io.BytesIO()
    Image.fromarray(pixels).save(pillows, "PNG")
    assert sum(map(len, encode_png(np.ascontiguousarray(pixels)))) < 1.1 * pillows.tell() + 1000
