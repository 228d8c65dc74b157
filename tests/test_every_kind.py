"""Every registered kind of layer: in each register, in the form, in files, in code, in the engine, undone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.kinds.register import COMPUTE
from convlab.io.sessions import open_session, save_session
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer
from convlab.model.layers.parameters import AxisSizes, ChannelNumbers, Choice, Flag, Number
from convlab.model.layers.reach import Reach
from convlab.model.layers.register import LAYERS
from convlab.model.maps import last
from convlab.model.message import message
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack import Entry, with_changes
from convlab.model.stack_code import network_code
from convlab.model.view import ViewState
from convlab.ui.main_window import MainWindow

LABEL = message("edit")
RUN = """
import numpy, sys
folder, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    names = {}
    exec(compile(open(f"{folder}/{number}.py").read(), f"{number}.py", "exec"), names)
    torch = names["torch"]
    model = names.get("model", names.get("layer"))
    x = torch.from_numpy(numpy.load(f"{folder}/x.npy"))
    with torch.no_grad():
        numpy.save(f"{folder}/{number}.npy", model(x)[0].numpy())
"""


def subclasses(kind: type[Layer]) -> Iterator[type[Layer]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def name_of(kind: type[Layer]) -> str:
    """A class with slots is made twice: the first one stays among the subclasses."""
    return f"{kind.__module__}.{kind.__qualname__}"


def varied(layer: Layer) -> Iterator[Layer]:
    """The layer as it is offered, and with another value of each parameter that says anything of it."""
    yield layer
    for number, parameter in enumerate(layer.PARAMETERS):
        if not layer.shown(parameter) or number == 0:  # the first says which kind of its family it is
            continue
        value = layer.value(parameter.name)
        match parameter:
            case AxisSizes():
                yield with_changes(layer, **{parameter.name: (1, 1) if parameter.low == 0 else (3, 2)})
            case Flag():
                yield with_changes(layer, **{parameter.name: not value})
            case Number():
                yield with_changes(layer, **{parameter.name: 0.25})
            case Choice():
                other = next(word for word, _ in parameter.choices if word != value)
                yield with_changes(layer, **{parameter.name: other})
            case ChannelNumbers():
                yield with_changes(layer, **{parameter.name: (0.5, 1.25, 2.0)})


def source() -> Source:
    pixels = np.random.default_rng(4).integers(1, 256, (11, 12, 3)).astype(np.uint8)
    return Source("x", pixels, ("R", "G", "B"), 255.0)


def documents() -> list[Document]:
    """Each kind behind a convolution that gives values below 0 too; where one is not defined there, squared."""
    spec = ConvSpec(3, 3, padding=(1, 1), dtype="float64")
    base = new_document(source(), spec, np.random.default_rng(5).normal(size=spec.weight_shape))
    offered = [layer for kind in LAYERS for layer in kind.offered()]
    square = next(layer for layer in offered if layer.kind == "square")
    found = [base]
    for layer in (each for start in offered for each in varied(start)):
        before = (square,) if layer.kind == "sqrt" else ()
        entries = (*base.layers, *(Entry(each) for each in (*before, layer)))
        found.append(base.with_layers(entries, len(entries) - 1))
    return found


def test_a_kind_left_out_of_a_register_is_missed() -> None:
    described = {name_of(kind) for kind in subclasses(Layer) if not kind.__abstractmethods__}
    assert described == set(map(name_of, LAYERS)) == set(map(name_of, COMPUTE))


def test_every_layers_code_run_by_torch_gives_the_engines_maps(tmp_path: Path) -> None:
    """All in one fresh interpreter, in float64."""
    shown = documents()
    x = source().pixels.astype(np.float64).transpose(2, 0, 1)[None] / 255
    np.save(tmp_path / "x.npy", x)
    for number, document in enumerate(shown):
        assert last(document).problems() == ()
        (tmp_path / f"{number}.py").write_text(network_code(document))
    subprocess.run([sys.executable, "-c", RUN, str(tmp_path), str(len(shown))], check=True)
    for number, document in enumerate(shown):
        maps = last(document)
        found = Evaluator().maps(maps, whole(*maps.output_size), range(maps.count))
        expected = np.load(tmp_path / f"{number}.npy")
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10, err_msg=maps.kind)
        assert np.isfinite(expected).all()


def test_every_layer_comes_back_from_a_file(tmp_path: Path) -> None:
    for document in documents():
        save_session(tmp_path / "a.convlab", document, ViewState())
        now, _ = open_session(tmp_path / "a.convlab")
        assert now.layers == document.layers
        assert now.focus == document.focus


@pytest.mark.parametrize("kind", [kind for kind in LAYERS if kind.offered()], ids=lambda kind: kind.__name__)
def test_every_layer_has_a_control_for_each_of_its_parameters_and_is_undone(
    qtbot: QtBot, window: MainWindow, rest: Callable[[], None], kind: type[Layer]
) -> None:
    session = window.workbench.session
    before = session.document
    for layer in kind.offered():
        window.stack_commands.add(layer)
        assert session.document.layers[session.document.focus].layer == layer
        for parameter in layer.PARAMETERS:
            if not isinstance(parameter, ChannelNumbers):
                named = [w for w in window.findChildren(QWidget) if w.accessibleName().startswith(parameter.name)]
                assert any(w.isVisible() for w in named) == layer.shown(parameter), (layer.kind, parameter.name)
                assert all(w.toolTip() for w in named if w.isVisible())
        window.menus.undo.trigger()
        assert session.document == before
    rest()


def reach_of(low: float, high: float) -> Reach:
    return Reach(np.array([low]), np.array([high]), np.array([high]), np.ones(1, bool))


def test_gelus_least_value_is_torchs() -> None:
    for document in documents():
        layer = last(document).entries[-1].layer
        if layer.kind == "GELU":
            values = torch.linspace(-6, 6, 4001, dtype=torch.float64)
            expected = nn.GELU(approximate=layer.value("approximate"))(values)
            reach = layer.reach(reach_of(-6.0, 6.0))
            assert float(expected.min()) >= reach.low[0] - 1e-12
            assert float(expected.min()) == pytest.approx(reach.low[0], abs=1e-6)
