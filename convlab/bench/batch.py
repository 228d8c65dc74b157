"""A batch from file to file: JPEGs of 12 megapixels, Sobel on each channel, PNGs; beside libvips doing the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from PIL import Image

from convlab.bench.rows import Row, limit_row
from convlab.cli import main
from convlab.io.samples import open_sample, sample_names

PHOTOS, SIZE, ROUNDS = 6, (3000, 4000), 5
GRAIN = 3.0
"""Standard deviation of what a camera adds, in levels: without it enlarged photos are smoother than real ones."""
SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
WHAT = f"{PHOTOS} JPEGs of 12 MP, Sobel on each channel, {3 * PHOTOS} PNGs"

Convert = Callable[[list[Path], Path], None]


def batch_rows() -> Iterator[Row]:
    """Times in turns, and how large the files are."""
    with TemporaryDirectory() as folder:
        photos = make_photos(Path(folder), PHOTOS, SIZE)
        racers: dict[str, Convert] = {"convlab": by_convlab}
        if find_spec("pyvips") is not None:
            racers["libvips"] = by_libvips
        times, nbytes = _raced(racers, photos, Path(folder))
    own = median(times["convlab"])
    yield Row("batch", f"{WHAT}: convlab", own, "s")
    if "libvips" not in racers:
        yield Row("batch", "  libvips", None, note="not installed")
        return
    ratio = median(times["libvips"]) / own
    note = f"{ratio:.2g} times ours"
    yield Row("batch", "  libvips", median(times["libvips"]), "s", None, "≥ 1 times ours", ratio >= 1, note)
    yield limit_row("batch", "  our files beside its", nbytes["convlab"] / nbytes["libvips"], "×", 1.1)


def make_photos(folder: Path, count: int, size: tuple[int, int]) -> list[Path]:
    """The bundled photos in turn, enlarged and with grain, as JPEGs."""
    grain, names, paths = np.random.default_rng(0), sample_names(), []
    for number in range(count):
        pixels = open_sample(names[number % len(names)]).pixels
        image = Image.fromarray(np.repeat(pixels, 3 // pixels.shape[2], axis=2))
        large = np.asarray(image.resize(size[::-1], Image.Resampling.LANCZOS), np.float32)
        large = large + grain.normal(0, GRAIN, (*size, 1)).astype(np.float32)
        paths.append(folder / f"photo{number}.jpg")
        Image.fromarray(np.clip(large, 0, 255).astype(np.uint8)).save(paths[-1], quality=90)
    return paths


def by_convlab(photos: list[Path], out: Path) -> None:
    """`convlab apply`, in this process."""
    options = ["--kernel", "sobel-x", "--padding", "same", "--normalize", "per-map"]
    if main(["apply", *map(str, photos), "--out", str(out), *options]) != 0:
        raise RuntimeError("convlab apply failed")


def by_libvips(photos: list[Path], out: Path) -> None:
    """The same pixels by vips: each map from its minimum to its maximum, its own settings for PNG."""
    import pyvips

    out.mkdir()
    kernel = pyvips.Image.new_from_array(SOBEL)
    for photo in photos:
        image = pyvips.Image.new_from_file(str(photo))
        for channel in range(3):
            padded = image.extract_band(channel).embed(1, 1, image.width + 2, image.height + 2)
            values = padded.conv(kernel, precision="float").crop(1, 1, image.width, image.height).copy_memory()
            found = values.stats()
            low, high = found(0, 0)[0], found(1, 0)[0]
            scale = 255 / (high - low)
            drawn = values.linear(scale, 0.5 - low * scale, uchar=True)
            drawn.write_to_file(str(out / f"{photo.stem}_sobel-x_out{channel}.png"))


def _raced(
    racers: dict[str, Convert], photos: list[Path], folder: Path
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Seconds of each round, and bytes written; the first round, with its imports, does not count."""
    times: dict[str, list[float]] = {name: [] for name in racers}
    nbytes: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        for name, convert in racers.items():
            with TemporaryDirectory(dir=folder) as place:
                out = Path(place) / "out"
                start = perf_counter()
                convert(photos, out)
                times[name].append(perf_counter() - start)
                nbytes[name] = sum(path.stat().st_size for path in out.iterdir())
        if number == 0:
            times = {name: [] for name in racers}
    return times, nbytes
