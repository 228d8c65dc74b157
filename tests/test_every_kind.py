"""Every registered kind of layer: in each register, the form, files, code, the engine, explained and undone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explained
from convlab.engine.kinds.register import COMPUTE
from convlab.io.sessions import open_session, save_session
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer
from convlab.model.layers.conv import ConvLayer
from convlab.model.layers.parameters import (
    AxisSizes,
    ChannelNumbers,
    Choice,
    Flag,
    Number,
    Parameter,
    Sides,
    WholeNumber,
)
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.reach import Reach
from convlab.model.layers.register import LAYERS
from convlab.model.maps import last
from convlab.model.message import message
from convlab.model.problems import problems
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack import Entry, with_changes
from convlab.model.stack_code import CODE_STYLES, network_code
from convlab.model.view import ViewState
from convlab.ui.main_window import MainWindow
from convlab.ui.stack_commands import Added

LABEL = message("edit")
SHAPES = (11, 12), (5, 16), (9, 4)
RUN = """
import numpy, sys
folder = sys.argv[1]
for number, style in ((n, style) for n in range(int(sys.argv[2])) for style in sys.argv[3:]):
    names = {}
    exec(compile(open(f"{folder}/{number}.{style}.py").read(), f"{number}.{style}.py", "exec"), names)
    torch = names["torch"]
    model = names.get("model", names.get("layer"))
    x = torch.from_numpy(numpy.load(f"{folder}/{number}.x.npy"))
    with torch.no_grad():
        numpy.save(f"{folder}/{number}.{style}.npy", model(x)[0].numpy())
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
        if not layer.shown(parameter) or parameter.hidden or number == 0:  # the first says which kind of its family
            continue
        value = layer.value(parameter.name)
        match parameter:
            case AxisSizes():
                yield with_changes(layer, **{parameter.name: (1, 1) if parameter.low == 0 else (3, 2)})
            case Sides():
                yield with_changes(layer, **{parameter.name: (0, 3, -2, 1)})
            case Flag():
                yield with_changes(layer, **{parameter.name: not value})
            case Number():
                yield with_changes(layer, **{parameter.name: 0.25 if value != 0.25 else 0.75})
            case Choice():
                other = next(word for word, _ in parameter.choices if word != value)
                yield with_changes(layer, **{parameter.name: other})
            case ChannelNumbers():
                yield with_changes(layer, **{parameter.name: (0.5, 1.25, 2.0)})


def drawn(layer: Layer, rng: np.random.Generator) -> Layer:
    """The layer with random values of its table's parameters; sizes are small, for small pictures."""
    values = {each.name: value_of(each, rng) for each in layer.PARAMETERS[1:] if layer.shown(each) and not each.hidden}
    return with_changes(layer, **values)


def value_of(parameter: Parameter, rng: np.random.Generator) -> object:
    match parameter:
        case AxisSizes():
            return tuple(int(n) for n in rng.integers(parameter.low, parameter.low + 3, 2))
        case WholeNumber():
            return int(rng.integers(parameter.low, min(parameter.high, parameter.low + 3) + 1))
        case Sides():
            return tuple(int(n) for n in rng.integers(-2, 4, 4))
        case Flag():
            return bool(rng.integers(2))
        case Number():
            return float(rng.uniform(parameter.low, parameter.high))
        case Choice():
            return str(rng.choice([word for word, _ in parameter.choices]))
        case ChannelNumbers():
            return tuple(np.maximum(rng.normal(size=3), parameter.least).tolist())
    raise TypeError(parameter.name)


def source(rows: int = 11, cols: int = 12) -> Source:
    pixels = np.random.default_rng(4).integers(1, 256, (rows, cols, 3)).astype(np.uint8)
    return Source("x", pixels, ("R", "G", "B"), 255.0)


def behind_a_convolution(layer: Layer, rows: int = 11, cols: int = 12) -> Document:
    """One that gives values below 0 too; where the layer is not defined there, squared."""
    spec = ConvSpec(3, 3, padding=(1, 1), dtype="float64")
    base = new_document(source(rows, cols), spec, np.random.default_rng(5).normal(size=spec.weight_shape))
    square = next(each for kind in LAYERS for each in kind.offered() if each.kind == "square")
    before = (square,) if layer.kind == "sqrt" else ()
    entries = (*base.layers, *(Entry(each) for each in (*before, layer)))
    return base.with_layers(entries, len(entries) - 1)


def documents() -> list[Document]:
    """Each kind as it is offered, with one parameter changed, and with random ones on pictures of several shapes."""
    rng = np.random.default_rng(6)
    offered = [layer for kind in LAYERS for layer in kind.offered()]
    found = [behind_a_convolution(layer) for start in offered for layer in varied(start)]
    for start in offered:
        for shape in SHAPES:
            tries = (behind_a_convolution(drawn(start, rng), *shape) for _ in range(100))
            found.append(next(each for each in tries if not last(each).problems()))
    return found + [convolution(rng, kind, *shape) for kind in ("Conv2d", "ConvTranspose2d") for shape in SHAPES]


def convolution(rng: np.random.Generator, kind: str, rows: int, cols: int) -> Document:
    """With random parameters that torch takes."""
    for _ in range(1000):
        start = ConvSpec(3, 3, dtype="float64", transposed=kind == "ConvTranspose2d")
        layer = ConvLayer(start, np.zeros(start.weight_shape), np.zeros(3))
        given = ("kind", "in_channels", "device", "dtype")
        shown = [each for each in layer.PARAMETERS if layer.shown(each) and each.name not in given]
        spec = replace(start, **{each.name: value_of(each, rng) for each in shown})
        if spec.groups_divide and not problems(spec, 3, (1, rows, cols)):
            weight, bias = rng.normal(size=spec.weight_shape), rng.normal(size=spec.out_channels)
            return new_document(source(rows, cols), spec, weight, bias)
    raise AssertionError("no layer fits")


def test_a_kind_left_out_of_a_register_is_missed() -> None:
    described = {name_of(kind) for kind in subclasses(Layer) if not kind.__abstractmethods__}
    assert described == set(map(name_of, LAYERS)) == set(map(name_of, COMPUTE))


def test_every_layers_code_run_by_torch_gives_the_engines_maps_and_their_explanations(tmp_path: Path) -> None:
    """All of both styles in one fresh interpreter, in float64."""
    shown = documents()
    assert {name_of(type(each.layer)) for document in shown for each in document.layers} == set(map(name_of, LAYERS))
    for number, document in enumerate(shown):
        assert last(document).problems() == ()
        np.save(tmp_path / f"{number}.x.npy", document.source.pixels.astype(np.float64).transpose(2, 0, 1)[None] / 255)
        for style in CODE_STYLES:
            (tmp_path / f"{number}.{style}.py").write_text(network_code(document, style))
    subprocess.run([sys.executable, "-c", RUN, str(tmp_path), str(len(shown)), *CODE_STYLES], check=True)
    rng = np.random.default_rng(7)
    for number, document in enumerate(shown):
        maps, evaluator, layer = last(document), Evaluator(), document.layers[-1].layer
        found = evaluator.maps(maps, whole(*maps.output_size), range(maps.count))
        expected, other = (np.load(tmp_path / f"{number}.{style}.npy") for style in CODE_STYLES)
        np.testing.assert_array_equal(expected, other)
        atol = 1e-10 * max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(found, expected, rtol=0, atol=atol, err_msg=repr(layer))
        assert np.isfinite(expected).all()
        for _ in range(4):
            at = tuple(int(rng.integers(n)) for n in expected.shape)
            value = explained(evaluator, maps, *at).value
            np.testing.assert_allclose(value, expected[at], rtol=0, atol=atol, err_msg=repr(layer))


def test_every_layer_comes_back_from_a_file(tmp_path: Path) -> None:
    for document in documents():
        save_session(tmp_path / "a.convlab", document, ViewState())
        now, _ = open_session(tmp_path / "a.convlab")
        assert now.layers == document.layers
        assert now.focus == document.focus


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_layer_has_a_control_for_each_of_its_parameters_and_is_undone(
    qtbot: QtBot, window: MainWindow, rest: Callable[[], None], kind: type[Layer]
) -> None:
    session = window.workbench.session
    before = session.document
    if not kind.offered():  # it is there from the start
        assert_controls(window, before.layers[before.focus].layer)
    for layer in kind.offered():
        window.stack_commands.add(Added(layer))
        added = session.document
        assert added.layers[added.focus].layer == layer
        assert_controls(window, layer)
        for changed in [*varied(layer)][1:]:
            entries = (*added.layers[: added.focus], Entry(changed), *added.layers[added.focus + 1 :])
            session.apply(lambda document, entries=entries: document.with_layers(entries, document.focus), LABEL)
            assert session.document.layers[added.focus].layer == changed
            assert_controls(window, changed)
            window.menus.undo.trigger()
            assert session.document == added
        window.menus.undo.trigger()
        assert session.document == before
    rest()


def assert_controls(window: MainWindow, layer: Layer) -> None:
    """In the form, of what the table names and says anything of the layer; of nothing else that it names."""
    for parameter in layer.PARAMETERS:
        if not isinstance(parameter, ChannelNumbers) and not parameter.hidden:
            title = parameter.title or parameter.name
            named = [w for w in window.layer_form.findChildren(QWidget) if w.accessibleName().startswith(title)]
            assert any(w.isVisible() for w in named) == layer.shown(parameter), (layer.kind, parameter.name)
            assert all(w.toolTip() for w in named if w.isVisible())


def reach_of(low: float, high: float) -> Reach:
    return Reach(np.array([low]), np.array([high]), np.array([high]), np.ones(1, bool))


def test_gelus_formula_is_the_one_that_is_computed() -> None:
    assert str(Pointwise("gelu").about) == "x · Φ(x)"
    assert "tanh" in str(Pointwise("gelu", approximate="tanh").about)


def test_gelus_least_value_is_torchs() -> None:
    for document in documents():
        layer = last(document).entries[-1].layer
        if layer.kind == "GELU":
            values = torch.linspace(-6, 6, 4001, dtype=torch.float64)
            expected = nn.GELU(approximate=layer.value("approximate"))(values)
            reach = layer.reach(reach_of(-6.0, 6.0))
            assert float(expected.min()) >= reach.low[0] - 1e-12
            assert float(expected.min()) == pytest.approx(reach.low[0], abs=1e-6)
