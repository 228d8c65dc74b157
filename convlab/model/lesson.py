"""A lesson or challenge as one frozen value: scenes with a state, text, comparisons and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Document, new_document
from convlab.model.fields import Fields, parse_json, refusal
from convlab.model.figures import FIGURES
from convlab.model.input_file import read_pixels, read_reading
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import WEIGHT_KINDS, LayerChanges, LayerSetup, read_layer, read_setup, set_up
from convlab.model.locks import LOCKS
from convlab.model.matrix import FILLS, MOST_CHANNELS, MOST_SIDE
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.reading import WHOLE, Reading, reading_in
from convlab.model.session_file import SavedLayers, layers_document, read_layers
from convlab.model.source import Source
from convlab.model.stack_edits import MOST_LAYERS as MOST_STACK
from convlab.model.tries import TABS, Try, read_try
from convlab.model.view import Display
from convlab.model.view_file import read_display

FloatArray = NDArray[np.float64]
FORMAT, VERSION, SUFFIX = "lesson", 1, ".json"

InputKind = Literal["numbers", "fill", "sample", "chart", "file", "pixels"]
INPUT_KINDS: tuple[InputKind, ...] = get_args(InputKind)
MAP = "map"
VALUE = "value"
"""The kind of a question for one output value; the other kinds are figures."""
TOLERANCE = 0.005
MOST_SCENES, MOST_VARIANTS, MOST_LAYERS = 16, 8, 8


@dataclass(frozen=True, slots=True, eq=False)
class LessonInput:
    """What the layers read: numbers [C, H, W], the name of a bundled photo, a chart, a file beside the lesson, or a
    source itself.

    A fill of model.matrix is read as its numbers. reading: what of it. frame: of a file with several; volume: all its
    frames are the slices of one.
    """

    kind: InputKind
    name: str = ""
    numbers: FloatArray | None = None
    source: Source | None = None
    reading: Reading = WHOLE
    frame: int = 0
    volume: bool = False


@dataclass(frozen=True, slots=True)
class SceneView:
    """What a scene shows: whether values are explained or stepped, which map, which of its pixels is pinned.

    tab: of the explain panel, one of TABS. then: layers imagined after the present one, whose receptive field is
    outlined. watched: place of the layer whose maps are looked at, where it is not the one in focus; depth: of volumes
    the slice.
    """

    explain: bool = False
    step: bool = False
    output: int = 0
    pin: tuple[int, int] | None = None
    tab: str = "sums"
    then: tuple[LayerChanges, ...] = ()
    display: Display = field(default_factory=Display)
    watched: int | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A figure to be predicted, of the scene's layer with the changes of `setup`; layers: of a chain of layers.

    kind: VALUE or one of model.figures. input_size: (rows, columns) of another input than the scene's.
    """

    ask: str
    kind: str
    setup: LayerSetup
    output: int = 0
    at: tuple[int, int] = (0, 0)
    layers: tuple[LayerChanges, ...] = ()
    input_size: tuple[int, int] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The present layer with some changes, or a chain of layers, to be shown beside others."""

    title: str
    setup: LayerSetup
    layers: tuple[LayerChanges, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Variants beside each other, by their map `output` or by figures."""

    show: tuple[str, ...] = ()
    output: int = 0
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Challenge:
    """A target to be reached by editing: changes of the scene's layer, or layers of its own.

    tolerance: largest difference allowed, as a share of the target's range.
    """

    target: LayerSetup | SavedLayers
    locks: frozenset[str] = frozenset()
    tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One state of the window, and what is said, asked and compared about it.

    layers: those of the state; without them a single one is made. setup: changes of the layer in focus.
    """

    title: str
    text: str
    tries: tuple[Try, ...]
    input: LessonInput
    layers: SavedLayers | None
    setup: LayerSetup
    view: SceneView
    comparison: Comparison
    questions: tuple[Question, ...]
    challenge: Challenge | None


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Scenes under a title. path: the file it was read from."""

    title: str
    scenes: tuple[Scene, ...]
    path: str = ""

    @property
    def is_challenge(self) -> bool:
        """Whether its first scene has a target."""
        return self.scenes[0].challenge is not None


def parse_lesson(data: bytes | Iterable[bytes], path: str = "") -> Lesson:
    """Read a lesson file (JSON; the format is described in docs/lessons.md). ConvLabError says what is wrong.

    A scene has the lesson's own input, layer, weights, bias, activation and view where it names none.
    """
    whole = Fields(parse_json(data), "the lesson")
    whole.choice("convlab", (FORMAT,))
    whole.whole("version", 1, VERSION)
    title = whole.text("title", most=120)
    shared = {name: whole.take(name) for name in _SHARED if name in whole}
    scenes = whole.items("scenes", lambda item, place: _scene(item, place, shared), MOST_SCENES)
    whole.end()
    if not scenes:
        raise whole.wrong("scenes", QT_TRANSLATE_NOOP("model", "a list with a scene at least"))
    return Lesson(title, scenes, path)


def scene_document(scene: Scene, source: Source) -> Document:
    """The scene's state on its input, opened; ConvLabError when its weights do not fit its layer."""
    if scene.layers is not None:
        return set_up(layers_document(scene.layers, source, scene.input.reading), scene.setup)
    used = sum(not source.is_alpha(index) for index in range(source.channel_count))
    layer = ConvSpec(in_channels=used, out_channels=1, kernel_size=(1, 1), padding=(0, 0), bias=False)
    document = set_up(new_document(source, layer, np.ones((1, used, 1, 1))), scene.setup)
    if scene.input.reading == WHOLE:
        return document
    return document.with_input(source, reading_in(source, document.conv.spec.axes, scene.input.reading))


def target_document(scene: Scene, start: Document) -> Document | None:
    """What a challenge's maps are to become, from its scene's state on; None where there is no challenge."""
    if scene.challenge is None:
        return None
    target = scene.challenge.target
    if isinstance(target, SavedLayers):
        return layers_document(target, start.source, start.reading)
    return set_up(start, target)


_SHARED = (
    "input",
    "channels",
    "layers",
    "focus",
    "layer",
    *WEIGHT_KINDS,
    "parameters",
    "turn",
    "bias",
    "activation",
    "view",
)


def _scene(item: object, place: str, shared: Mapping[str, object]) -> Scene:
    own = Fields(item, place)  # names the place where it is no object
    assert isinstance(item, dict)
    fields = Fields(_merged(shared, item), place)
    del own
    scene = Scene(
        title=fields.text("title", "", most=120),
        text=fields.text("text", ""),
        tries=fields.items("try", _read_try),
        input=_read_input(fields.inner("input")),
        layers=read_layers(fields) if "layers" in fields else None,
        setup=_read_setup(fields, "layers" in fields),
        view=_read_view(fields.inner("view")),
        comparison=_read_comparison(fields.inner("compare")),
        questions=fields.items("questions", _read_question),
        challenge=_read_challenge(fields) if "challenge" in fields else None,
    )
    fields.end()
    return scene


def _merged(shared: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """The scene's fields over the lesson's: layer and view one by one, weights of one kind for those of another."""
    if any(kind in own for kind in WEIGHT_KINDS):
        shared = {name: value for name, value in shared.items() if name not in (*WEIGHT_KINDS, "parameters", "turn")}
    merged = {**shared, **own}
    for name in ("layer", "view"):
        base, change = shared.get(name), own.get(name)
        if isinstance(base, dict) and isinstance(change, dict):
            merged[name] = {**base, **change}
    return merged


def _read_setup(fields: Fields, changes: bool) -> LayerSetup:
    """changes: of a layer that is there; a new one has no bias unless one is named."""
    setup = read_setup(fields)
    return setup if changes or setup.bias is not None else replace(setup, bias=())


def _read_input(fields: Fields) -> LessonInput:
    kinds = [kind for kind in INPUT_KINDS if kind in fields]
    if len(kinds) != 1:
        text = QT_TRANSLATE_NOOP("model", "{place}: one of {kinds} is wanted")
        raise refusal(text, place=fields.place, kinds=", ".join(INPUT_KINDS))
    kind, reading = kinds[0], read_reading(fields)
    if kind == "pixels":
        found = LessonInput(kind, source=read_pixels(fields))
    elif kind == "numbers":
        numbers = fields.numbers("numbers", (2, 3), MOST_CHANNELS * MOST_SIDE * MOST_SIDE)
        found = LessonInput(kind, numbers=numbers.reshape(-1, *numbers.shape[-2:]))
    elif kind == "fill":
        channels = fields.whole("channels", 1, MOST_CHANNELS, 1)
        size = fields.pair("size", 1, MOST_SIDE)
        found = LessonInput(kind, numbers=FILLS[fields.choice("fill", FILLS)][1]((channels, *size)))
    else:
        frame = fields.whole("frame", 0, 1_000_000, 0) if kind == "file" else 0
        volume = fields.flag("volume") if kind == "file" else False
        found = LessonInput(kind, fields.text(kind, most=200), frame=frame, volume=volume)
    if kind == "file" and (found.name in ("", ".", "..") or set(found.name) & set("/\\:")):
        raise fields.wrong("file", QT_TRANSLATE_NOOP("model", "the name of a file in the lesson's own folder"))
    fields.end()
    return replace(found, reading=reading)


def _read_view(fields: Fields) -> SceneView:
    view = SceneView(
        explain=fields.flag("explain"),
        step=fields.flag("step"),
        output=fields.whole("output", 0, 511, 0),
        pin=fields.pair("pin", 0, 1_000_000) if "pin" in fields else None,
        tab=fields.choice("tab", TABS, TABS[0]),
        then=fields.items("then", _layer_changes, MOST_LAYERS),
        display=read_display(fields.inner("display")),
        watched=fields.whole("watched_layer", 0, MOST_STACK) if "watched_layer" in fields else None,
        depth=fields.whole("depth", 0, 2**31 - 1, 0),
    )
    fields.end()
    return view


def _read_question(item: object, place: str) -> Question:
    fields = Fields(item, place)
    question = Question(
        ask=fields.text("ask"),
        kind=fields.choice("kind", (VALUE, *FIGURES)),
        setup=read_setup(fields),
        output=fields.whole("output", 0, 511, 0),
        at=fields.pair("at", 0, 1_000_000) if "at" in fields else (0, 0),
        layers=fields.items("layers", _layer_changes, MOST_LAYERS),
        input_size=fields.pair("input_size", 1, 100_000) if "input_size" in fields else None,
        why=fields.text("why", ""),
    )
    fields.end()
    return question


def _read_try(item: object, place: str) -> Try:
    """A text, or an object that also says what doing it means."""
    return Try(item) if isinstance(item, str) else read_try(Fields(item, place))


def _layer_changes(item: object, place: str) -> LayerChanges:
    return read_layer(Fields(item, place))


def _read_comparison(fields: Fields) -> Comparison:
    variants = fields.items("variants", _read_variant, MOST_VARIANTS)
    show = fields.texts("show")
    for name in show:
        if name not in (MAP, *FIGURES):
            raise fields.wrong("show", QT_TRANSLATE_NOOP("model", "some of {names}"), names=", ".join((MAP, *FIGURES)))
    output = fields.whole("output", 0, 511, 0)
    fields.end()
    return Comparison(show, output, variants)


def _read_variant(item: object, place: str) -> Variant:
    fields = Fields(item, place)
    setup = read_setup(fields)
    variant = Variant(fields.text("title", most=80), setup, fields.items("layers", _layer_changes, MOST_LAYERS))
    fields.end()
    return variant


def _read_challenge(fields: Fields) -> Challenge:
    inner = fields.inner("challenge")
    target = inner.inner("target")
    wanted: LayerSetup | SavedLayers = read_layers(target) if "layers" in target else read_setup(target)
    target.end()
    locks = inner.texts("lock")
    for name in locks:
        if name not in LOCKS:
            raise inner.wrong("lock", QT_TRANSLATE_NOOP("model", "some of {names}"), names=", ".join(LOCKS))
    tolerance = inner.number("tolerance", TOLERANCE)
    if not 0 <= tolerance <= 1:
        raise inner.wrong("tolerance", QT_TRANSLATE_NOOP("model", "a number from 0 to 1"))
    inner.end()
    return Challenge(wanted, frozenset(locks), tolerance)
