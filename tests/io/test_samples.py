"""The bundled photos: there, readable, credited, small."""

from pathlib import Path

import pytest

from convlab.io import samples
from convlab.io.samples import assets_folder, open_sample, sample_names
from convlab.model.message import ConvLabError

SHAPES = {"astronaut": (512, 512, 3), "camera": (512, 512, 1), "chelsea": (300, 451, 3), "coffee": (400, 600, 3)}


def test_the_samples_are_those_of_scikit_image() -> None:
    assert {name: open_sample(name).pixels.shape for name in sample_names()} == SHAPES


def test_each_sample_is_credited_and_all_are_small() -> None:
    credits = (assets_folder() / "CREDITS.md").read_text(encoding="utf-8")
    photos = list((assets_folder() / "photos").iterdir())
    assert all(f"photos/{photo.name}" in credits for photo in photos)
    assert sum(photo.stat().st_size for photo in photos) < 2_000_000


def test_an_installed_package_has_its_assets_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "convlab" / "io").mkdir(parents=True)
    monkeypatch.setattr(samples, "__file__", str(tmp_path / "convlab" / "io" / "samples.py"))
    assert assets_folder() == tmp_path / "assets"
    assert sample_names() == ()
    (tmp_path / "convlab" / "assets").mkdir()
    assert assets_folder() == tmp_path / "convlab" / "assets"


def test_a_missing_sample_is_one_sentence() -> None:
    with pytest.raises(ConvLabError, match=r"^There is no sample “lena”\.$"):
        open_sample("lena")


@pytest.mark.parametrize("name", ["../icon", "../../tests/x", "/etc/passwd", "", ".", "astronaut.png"])
def test_a_sample_is_one_of_the_bundled_and_no_path(name: str) -> None:
    with pytest.raises(ConvLabError, match="There is no sample"):
        open_sample(name)
