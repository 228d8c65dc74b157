"""Names of files without their kind."""

from __future__ import annotations

import pytest

from convlab.io.formats import register
from convlab.io.names import stem_of


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("a/astronaut.png", "astronaut"),
        ("scan.001.PNG", "scan.001"),
        ("scan.001", "scan.001"),
        ("result.v2", "result.v2"),
        ("blur_s1.5", "blur_s1.5"),
        ("w.npy", "w"),
        ("s.convlab", "s"),
        (".png", ".png"),
        ("x.tar.gz", "x.tar.gz"),
    ],
)
def test_only_the_ending_of_a_known_kind_is_no_part_of_a_name(path: str, stem: str) -> None:
    assert stem_of(path) == stem


def test_the_endings_of_every_input_format_are_known() -> None:
    for suffix in register.suffixes():
        assert stem_of(f"a/scan.001{suffix.upper()}") == "scan.001"
