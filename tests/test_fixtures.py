"""Files that the first version wrote: every later program opens them, and gives the maps that it gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convlab.engine.evaluate import Evaluator
from convlab.io.lessons import open_input, read_lesson
from convlab.io.sessions import open_session
from convlab.model.document import Document
from convlab.model.layer_setup import set_up
from convlab.model.lesson import scene_document
from convlab.model.maps import last
from convlab.model.region import whole

VERSION1 = Path(__file__).parent / "fixtures" / "version1"
SESSIONS = sorted(path.stem for path in VERSION1.glob("*.convlab"))
LESSONS = sorted(VERSION1.glob("lessons/*.json")) + sorted(VERSION1.glob("challenge-*.json"))


def maps_of(document: Document) -> np.ndarray:
    """The last layer's maps [outputs, H, W], of volumes [outputs, D, H, W]."""
    of = last(document)
    outputs, evaluator = list(range(of.count)), Evaluator()
    if not of.are_volumes:
        return np.stack(list(evaluator.maps(of, whole(*of.output_size), outputs)))
    planes = [last(document, depth) for depth in range(document.output_shape.size[0])]
    return np.stack([np.stack(list(evaluator.maps(p, whole(*p.output_size), outputs))) for p in planes], axis=1)


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_of_version_1_gives_the_maps_that_it_gave(name: str) -> None:
    document, view = open_session(VERSION1 / f"{name}.convlab")
    assert view.chosen_output == 1
    assert view.display.colormap == "viridis"
    if name == "refused":
        assert document.problems()
        return
    assert document.problems() == ()
    with np.load(VERSION1 / "maps.npz") as stored:
        wanted = stored[name]
    got = maps_of(document)
    cut = tuple(slice(n) for n in wanted.shape)
    assert got.ndim == wanted.ndim
    assert name in ("sample", "chart") or got[:6].shape == wanted.shape  # of the large ones a corner is kept
    np.testing.assert_allclose(got[cut], wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_or_challenge_of_version_1_opens(path: Path) -> None:
    lesson = read_lesson(path)
    assert lesson.scenes
    assert lesson.is_challenge == path.stem.startswith("challenge")
    for scene in lesson.scenes:
        document = scene_document(scene, open_input(scene.input, path.parent))
        if scene.challenge is not None:
            assert set_up(document, scene.challenge.target).problems() == ()
