"""What the stopwatch measures on, as files of version 1, which every program opens: photos of noise under layers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from convlab.bench.noise import noise_photo


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo under convolutions of these outputs, with ReLU between them, the last one's maps in sight.

    edited: which convolution's weights are in the table. actual_size: at 1 : 1, not the whole photo.
    """

    megapixels: float
    outputs: tuple[int, ...] = (6,)
    kernel: int = 3
    edited: int = 0
    actual_size: bool = False

    @property
    def title(self) -> str:
        """For the table."""
        layers = "→".join(map(str, (3, *self.outputs)))
        where = "" if len(self.outputs) == 1 else f", {self._look}, {('first', 'last')[self.edited > 0]} layer"
        return f"{layers}, {self.kernel}×{self.kernel}, {self.megapixels:g} MP{where}"

    @property
    def _look(self) -> str:
        return "1 : 1" if self.actual_size else "fit"


def write_scene(scene: Scene, folder: Path) -> Path:
    """The session's file, its photo beside it."""
    photo = folder / f"noise-{scene.megapixels:g}.tif"
    if not photo.exists():
        Image.fromarray(noise_photo(scene.megapixels).pixels).save(photo)
    path = folder / f"scene-{len(list(folder.glob('scene-*')))}.convlab"
    path.write_text(json.dumps(_session(scene, photo)), encoding="utf-8")
    return path


def _session(scene: Scene, photo: Path) -> dict[str, object]:
    convs = [
        _conv(inputs, outputs, scene.kernel)
        for inputs, outputs in zip((3, *scene.outputs), scene.outputs, strict=False)
    ]
    with Image.open(photo) as image:
        width, height = image.size
    last = 2 * (len(convs) - 1)
    look = {"center": [height / 2, width / 2], "zoom": 1.0} if scene.actual_size else {}
    return {
        "convlab": "session",
        "version": 1,
        "input": {"path": str(photo), "relative": photo.name},
        "channels": [[channel, True, False, False] for channel in range(3)],
        **convs[scene.edited],
        "before": [entry for conv in convs[: scene.edited] for entry in ({"conv": conv}, _RELU)],
        "after": [entry for conv in convs[scene.edited + 1 :] for entry in (_RELU, {"conv": conv})],
        "view": {"output": 0, "input": 0, "watched_layer": last, **look} if last else {"output": 0, "input": 0, **look},
    }


_RELU = {"function": "relu"}


def _conv(inputs: int, outputs: int, kernel: int) -> dict[str, object]:
    most = (inputs * kernel * kernel) ** -0.5
    weight = np.random.default_rng(0).uniform(-most, most, (outputs, inputs, kernel, kernel)).round(4)
    layer = {"out_channels": outputs, "kernel_size": [kernel, kernel], "padding": "same"}
    return {"in_channels_follows": True, "layer": layer, "weight": weight.tolist(), "bias": [0.0] * outputs}


LIVE: Sequence[Scene] = (
    Scene(1),
    Scene(12),
    Scene(100),
    Scene(12, outputs=(64,)),
    Scene(12, kernel=11),
    Scene(12, outputs=(16, 16, 8), actual_size=True),
    Scene(12, outputs=(16, 16, 8), actual_size=True, edited=2),
    Scene(12, outputs=(16, 16, 8)),
    Scene(12, outputs=(16, 16, 8), edited=2),
)
"""As `convlab bench --only live` measures them."""
DRAG = Scene(100)
