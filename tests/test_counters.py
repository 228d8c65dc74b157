"""Each counter of tests/counters.py counts what it says, in a package made up for it."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    """The script as a module; tests/ is no package."""
    spec = importlib.util.spec_from_file_location("counters", Path(__file__).parent / "counters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["counters"] = module
    spec.loader.exec_module(module)
    return module


counters = _load()

LAYERS = """
class Conv: ...
class Pool: ...
Layer = Conv | Pool
class Norm(Layer): ...
def own(x): return isinstance(x, Conv)
"""
PACKAGE = {
    "__init__.py": "",
    "model/kinds.py": LAYERS,
    "model/layers/relu.py": "class Relu: ...",
    "model/document.py": "from convlab.model.kinds import Layer\nx = 1\n",
}


def package(root: Path, files: dict[str, str]) -> Path:
    for name, text in (PACKAGE | files).items():
        path = root / "convlab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def places(root: Path, name: str, files: dict[str, str]) -> Sequence[str]:
    found = counters.COUNTERS[name][1](counters.read(package(root, files)))
    assert found.number == len(found.places)
    return found.places


def test_comparisons_of_dims(tmp_path: Path) -> None:
    text = """
a = layer.dims == 1
b = 1 < dims <= 3 and self._dims != 2
c = layer.dims in (1, 3)
d = _dims(file) == 3
match layer.dims:
    case 1: ...
    case 2 | 3: ...
    case _: ...
"""
    assert len(places(tmp_path, "dims", {"a.py": text})) == 7


def test_what_only_reads_dims_is_no_comparison(tmp_path: Path) -> None:
    text = '"""layer.dims == 1"""\na = NAMES[layer.dims]\nb = kernel_dims == 1\nc = dims + 1  # dims == 1\n'
    assert places(tmp_path, "dims", {"a.py": text}) == ()


def test_a_property_that_only_compares_dims_counts_where_it_is_used(tmp_path: Path) -> None:
    asker = '''
class Layer:
    @property
    def is_volume(self):
        """A question."""
        return self.dims == 3
'''
    found = places(tmp_path, "dims", {"asker.py": asker, "user.py": "a = layer.is_volume\nb = layer.volume"})
    assert found == ("asker.py:6", "user.py:1")


def test_questions_for_a_class_outside_its_own_file(tmp_path: Path) -> None:
    text = """
a = isinstance(x, Conv)
b = isinstance(x, (Conv, kinds.Pool))
c = isinstance(x, Relu | str)
d = type(x) is Norm
match x:
    case Pool(): ...
e = x.kind == "MaxPool2d"
"""
    found = places(tmp_path, "classes", {"ui/a.py": text, "engine/kinds/pool.py": text})
    assert sorted(found) == [f"ui/a.py:{line}" for line in (2, 3, 3, 4, 5, 7, 8)]


def test_a_function_that_only_asks_for_a_class_counts_where_it_is_called(tmp_path: Path) -> None:
    asker = 'def is_conv(layer):\n    """A question."""\n    return isinstance(layer, Conv)\n'
    files = {"model/layers/conv.py": f"class Conv: ...\n{asker}", "ui/a.py": "if is_conv(x): ...\ny = other(is_conv)"}
    assert places(tmp_path, "classes", files) == ("ui/a.py:1",)


def test_the_kind_of_a_parameter_is_no_question_for_a_layers_class(tmp_path: Path) -> None:
    table = "class Parameter: ...\nclass Flag(Parameter): ...\n"
    files = {"model/layers/parameters.py": table, "ui/a.py": "isinstance(x, Flag)"}
    assert places(tmp_path, "classes", files) == ()


def test_other_questions_are_none_for_a_layer(tmp_path: Path) -> None:
    text = "a = isinstance(x, str)\nb = Conv()\nc = key.kind == 'map'\nd = KINDS['MaxPool2d']\n"
    assert places(tmp_path, "classes", {"ui/a.py": text}) == ()


def test_documents_in_the_session(tmp_path: Path) -> None:
    text = """
class Other:
    document: Document
class Session:
    kept: Document
    def __init__(self, document: Document): self._flat: Document = document
    @property
    def document(self) -> Document: ...
    @property
    def view(self) -> ViewState: ...
    @property
    def seen_view(self) -> ViewState: ...
    @property
    def count(self) -> int: ...
    def made(self) -> Document: ...
"""
    assert sorted(places(tmp_path, "documents", {"app/session.py": text})) == [
        "app/session.py:12",
        "app/session.py:5",
        "app/session.py:8",
    ]


def test_circles_of_imports_with_those_for_type_checking(tmp_path: Path) -> None:
    files = {
        "ui/__init__.py": "",
        "ui/a.py": "from convlab.ui.b import thing",
        "ui/b.py": "def late():\n    from . import c",
        "ui/c.py": "if TYPE_CHECKING:\n    import convlab.ui.a",
        "ui/below.py": "from convlab.model import kinds",
        "ui/above.py": "from .a import thing\nfrom ..model.document import x",
    }
    assert places(tmp_path, "circles", files) == ("ui/a.py", "ui/b.py", "ui/c.py")


def test_files_that_name_a_kind_or_a_format(tmp_path: Path) -> None:
    files = {
        "a.py": "from x import BatchNorm",
        "b.py": "kind = 'BatchNorm2d'",
        "c.py": '"""BatchNorm, png16"""\n# BatchNorm\n',
        "d.py": "write = writers.png16\n",
    }
    assert places(tmp_path, "kind", files) == ("a.py", "b.py")
    assert places(tmp_path, "format", files) == ("d.py",)


def test_sizes(tmp_path: Path) -> None:
    sources = counters.read(package(tmp_path, {"long.py": "x = 1\n" * 401, "full.py": "x = 1\n" * 400}))
    assert counters.long_files(sources).places == ("long.py 401",)
    assert counters.fullest_folder(sources).places == (". 3", "model 2", "model/layers 1")
    assert counters.fullest_folder(sources).number == 3
    assert counters.lines(sources).number == 401 + 400 + sum(len(text.splitlines()) for text in PACKAGE.values())


def test_the_change_since_the_commit_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init")
    for number, text in enumerate(("a = dims == 1\n", "a = dims == 1\nb = dims == 3\nc = 1\n")):
        package(tmp_path, {"a.py": text})
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-m", str(number))
    counters.main([], tmp_path)
    printed = {line[:48].strip(): line[48:].split() for line in capsys.readouterr().out.splitlines()}
    assert printed["comparisons of dims"] == ["2", "+1"]
    assert printed["lines"][1] == "+2"
    assert printed["questions for a layer's class"] == ["0", "="]


@pytest.mark.parametrize("commits", [0, 1])
def test_without_a_commit_before_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], commits: int) -> None:
    package(tmp_path, {"a.py": "a = dims == 1\n"})
    for _ in range(commits):
        git(tmp_path, "init")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-m", "first")
    assert counters.main([], tmp_path) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split() == ["comparisons", "of", "dims", "1"]
    assert "no commit before" in printed


def git(root: Path, *arguments: str) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)
