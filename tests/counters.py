"""Counts what is to become less, by the syntax tree: `python tests/counters.py`, `--where NAME` lists the places.

Beside each number stands the change since the commit before, read from git; what each counts is its docstring.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parent.parent
PACKAGE = "convlab"
MOST_LINES = 400
LAYER_UNION, LAYERS_FOLDER = "Layer", "model/layers/"
"""The kinds of layer are the members of this union, the classes that inherit from it, and those of this folder."""
KINDS_FOLDER = "engine/kinds/"
"""How each kind is computed: a kind's own files too."""
TORCH_KIND = re.compile(
    r"(Lazy)?(Conv|ConvTranspose|MaxPool|AvgPool|BatchNorm)[123]d|GroupNorm|(Leaky)?ReLU|Sigmoid|Tanh|GELU"
)
KIND, FORMAT = "BatchNorm", "png16"
"""A kind of layer with parameters, and an export format, each of a name that means nothing else."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the package: its path in it ('model/layer.py'), its lines, and the nodes of its tree by their class."""

    path: str
    lines: int
    nodes: dict[type[ast.AST], list[Any]]

    @property
    def module(self) -> str:
        """As it is imported."""
        parts = [PACKAGE, *self.path.removesuffix(".py").split("/")]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def folder(self) -> str:
        """Where it lies in the package."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Found:
    """A count, and where."""

    number: int
    places: tuple[str, ...] = ()


Sources = Sequence[Source]
Place = tuple[Source, ast.AST]
Node = TypeVar("Node", bound=ast.AST)


def read(root: Path) -> Sources:
    """The package's files under a checkout's root."""
    base = root / PACKAGE
    texts = {path.relative_to(base).as_posix(): path.read_text(encoding="utf-8") for path in sorted(base.rglob("*.py"))}
    return [_parsed(path, text) for path, text in texts.items()]


@cache
def _parsed(path: str, text: str) -> Source:
    """Most files are the same in two commits."""
    nodes: dict[type[ast.AST], list[Any]] = {}
    for node in ast.walk(ast.parse(text)):
        nodes.setdefault(type(node), []).append(node)
    return Source(path, len(text.splitlines()), nodes)


def nodes(sources: Sources, kind: type[Node]) -> Iterator[tuple[Source, Node]]:
    """The nodes of this class in every file."""
    for source in sources:
        for node in source.nodes.get(kind, ()):
            yield source, node


def found(places: Sequence[Place]) -> Found:
    """As many as there are places."""
    return Found(len(places), tuple(f"{source.path}:{getattr(node, 'lineno', 0)}" for source, node in places))


def name_of(node: ast.AST) -> str:
    """The last name of what is read or called: 'dims' of `self.layer.dims`; '' of all else."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# What is counted


def dims(sources: Sources) -> Found:
    """Comparisons one of whose sides is called `dims` (`_dims`, `dims(…)`), cases of a match on one, and uses of a
    property or function that does nothing but make such a comparison."""
    asked = [(source, node) for source, node in nodes(sources, ast.Compare) if _of_dims(node)]
    cases = [
        (source, case.pattern)
        for source, node in nodes(sources, ast.Match)
        if _is_dims(node.subject)
        for case in node.cases
        if not (isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None)
    ]
    askers = {node.name for _, node in nodes(sources, ast.FunctionDef) if _only_asks(node)}
    read_from = [(source, node) for source, node in nodes(sources, ast.Attribute) if node.attr in askers]
    called = [(source, node) for source, node in nodes(sources, ast.Call) if isinstance(node.func, ast.Name)]
    uses = [(source, node) for source, node in called if name_of(node) in askers]
    return found([*asked, *cases, *read_from, *uses])


def _is_dims(node: ast.AST) -> bool:
    return name_of(node).lstrip("_") == "dims"


def _of_dims(node: ast.Compare) -> bool:
    return any(_is_dims(side) for side in (node.left, *node.comparators))


def _only_asks(node: ast.FunctionDef) -> bool:
    body = [line for line in node.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
    asks = [line.value for line in body if isinstance(line, ast.Return)]
    return len(body) == 1 and len(asks) == 1 and isinstance(asks[0], ast.Compare) and _of_dims(asks[0])


def classes(sources: Sources) -> Found:
    """Questions for a layer's class outside the file that defines it and engine/kinds: isinstance, `type(x) is`,
    class patterns (one for each class named), and comparisons with the name of a class of torch's layers. A function
    that only asks counts where it is called. What kind a parameter of a layer's table is, is no such question."""
    kinds = layer_classes(sources)
    others = [source for source in sources if not source.path.startswith(KINDS_FOLDER)]
    askers = {node.name: source.path for source, node in nodes(sources, ast.FunctionDef) if _only_asks_for(node, kinds)}
    places: list[Place] = [
        (source, node)
        for source, node in nodes(others, ast.Call)
        if name_of(node.func) in askers and askers[name_of(node.func)] != source.path
    ]
    for kind in (ast.Call, ast.Compare, ast.MatchClass):
        for source, node in nodes(others, kind):
            named = {name for name in _asked_for(node) if name in kinds and source.path not in kinds[name]}
            if named or (isinstance(node, ast.Compare) and _names_torch_kind(node)):
                places += [(source, node)] * max(1, len(named))
    return found(places)


def layer_classes(sources: Sources) -> dict[str, set[str]]:
    """The classes of layers, each with the files that define it."""
    union = {
        name_of(part)
        for _, node in nodes(sources, ast.Assign)
        if [name_of(target) for target in node.targets] == [LAYER_UNION]
        for part in ast.walk(node.value)
    }
    kinds: dict[str, set[str]] = {}
    for source, node in nodes(sources, ast.ClassDef):
        inherits = LAYER_UNION in map(name_of, node.bases)
        if "Parameter" in (node.name, *map(name_of, node.bases)):
            continue
        if node.name in union or inherits or source.path.startswith(LAYERS_FOLDER):
            kinds.setdefault(node.name, set()).add(source.path)
    return kinds


def _only_asks_for(node: ast.FunctionDef, kinds: Container[str]) -> bool:
    body = [line for line in node.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
    asks = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return asks is not None and any(name in kinds for name in _asked_for(asks))


def _asked_for(node: ast.AST) -> set[str]:
    """The names of the classes that this node asks for."""
    if isinstance(node, ast.Call) and name_of(node.func) in ("isinstance", "issubclass") and len(node.args) == 2:
        return {name_of(part) for part in ast.walk(node.args[1])}
    if isinstance(node, ast.Compare) and any(name_of(side) == "type" for side in (node.left, *node.comparators)):
        return {name_of(part) for side in (node.left, *node.comparators) for part in ast.walk(side)}
    return {name_of(node.cls)} if isinstance(node, ast.MatchClass) else set()


def _names_torch_kind(node: ast.Compare) -> bool:
    strings = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(TORCH_KIND.fullmatch(text) for text in strings)


def documents(sources: Sources) -> Found:
    """Public properties and attributes of app/session.py's Session that are a Document, and every ViewState beyond the
    first."""
    session = [
        (source, node)
        for source, node in nodes([source for source in sources if source.path == "app/session.py"], ast.ClassDef)
        if node.name == "Session"
    ]
    held = [(source, part, _held_type(part)) for source, node in session for part in ast.walk(node)]
    views = [(source, part) for source, part, kind in held if kind == "ViewState"]
    return found([(source, part) for source, part, kind in held if kind == "Document"] + views[1:])


def _held_type(node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef) and "property" in map(name_of, node.decorator_list):
        return name_of(node.returns) if node.returns is not None and not node.name.startswith("_") else ""
    if isinstance(node, ast.AnnAssign) and not name_of(node.target).startswith("_"):
        return name_of(node.annotation)
    return ""


def circles(sources: Sources) -> Found:
    """Files that import each other, directly or by others; imports for type checking alone, or in functions, count."""
    by_module = {source.module: source for source in sources}
    imports = {module: _imported(source, by_module.keys()) for module, source in by_module.items()}
    in_circle = [module for module in imports if module in _reached(imports, imports[module])]
    return Found(len(in_circle), tuple(by_module[module].path for module in in_circle))


def _imported(source: Source, modules: Container[str]) -> set[str]:
    wanted: list[str] = []
    for _, plain in nodes([source], ast.Import):
        wanted += [alias.name for alias in plain.names]
    for _, node in nodes([source], ast.ImportFrom):
        base = _base(source, node)
        wanted += [f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names]
    return {name for name in wanted if name in modules}


def _base(source: Source, node: ast.ImportFrom) -> str:
    """The module that names are imported from; of `from ..b import c` by where the file lies."""
    if not node.level:
        return node.module or ""
    above = [PACKAGE, *source.folder.split("/")] if source.folder else [PACKAGE]
    return ".".join([*above[: len(above) - node.level + 1], *filter(None, [node.module])])


def _reached(imports: dict[str, set[str]], start: set[str]) -> set[str]:
    """All modules that are imported from these on."""
    seen: set[str] = set()
    left = list(start)
    while left:
        module = left.pop()
        if module not in seen:
            seen.add(module)
            left += imports[module]
    return seen


def named_in(sources: Sources, name: str) -> Found:
    """Files whose code has the name in an identifier or in a text that is no docstring."""
    files = dict.fromkeys(source.path for source in sources if any(name in text for text in _words(source)))
    return Found(len(files), tuple(files))


def _words(source: Source) -> Iterator[str]:
    docs = {id(node.value) for _, node in nodes([source], ast.Expr)}
    yield from (str(node.value) for _, node in nodes([source], ast.Constant) if id(node) not in docs)
    for definition in (ast.alias, ast.ClassDef, ast.FunctionDef):
        yield from (node.name for node in source.nodes.get(definition, ()))
    for use in (ast.Name, ast.Attribute):
        yield from (name_of(node) for _, node in nodes([source], use))


def kind_files(sources: Sources) -> Found:
    """Files that name a kind of layer with parameters: BatchNorm."""
    return named_in(sources, KIND)


def format_files(sources: Sources) -> Found:
    """Files that name an export format: png16."""
    return named_in(sources, FORMAT)


def long_files(sources: Sources) -> Found:
    """Files of more than 400 lines."""
    long = [source for source in sources if source.lines > MOST_LINES]
    return Found(len(long), tuple(f"{source.path} {source.lines}" for source in long))


def fullest_folder(sources: Sources) -> Found:
    """Files in the folder that has the most."""
    folders = Counter(source.folder for source in sources).most_common()
    return Found(folders[0][1] if folders else 0, tuple(f"{folder or '.'} {count}" for folder, count in folders))


def lines(sources: Sources) -> Found:
    """Lines of all files."""
    return Found(sum(source.lines for source in sources))


COUNTERS: dict[str, tuple[str, Callable[[Sources], Found]]] = {
    "dims": ("comparisons of dims", dims),
    "classes": ("questions for a layer's class", classes),
    "documents": ("documents in the Session", documents),
    "circles": ("files in a circle of imports", circles),
    "kind": (f"files that name a kind of layer ({KIND})", kind_files),
    "format": (f"files that name an export format ({FORMAT})", format_files),
    "long": (f"files over {MOST_LINES} lines", long_files),
    "folder": ("most files in a folder", fullest_folder),
    "lines": ("lines", lines),
}


# Before and now


def read_commit(root: Path, commit: str) -> Sources | None:
    """The package as it was at a commit; None where git does not have it."""
    command = ["git", "-C", str(root), "archive", "--format=tar", commit, PACKAGE]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
        return read(Path(folder))


def table(now: Sources, before: Sources | None) -> str:
    """A line for each counter; the change where there is a commit before."""
    rows = []
    for title, count in COUNTERS.values():
        number = count(now).number
        change = "" if before is None else _change(number - count(before).number)
        rows.append(f"{title:<48}{number:>7}  {change}".rstrip())
    return "\n".join(rows)


def _change(difference: int) -> str:
    return f"{difference:+d}" if difference else "="


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the table, or one counter's places."""
    told = "; ".join(f"{name}: {' '.join((count.__doc__ or '').split())}" for name, (_, count) in COUNTERS.items())
    parser = argparse.ArgumentParser(description=__doc__, epilog=told)
    parser.add_argument("--where", choices=tuple(COUNTERS), metavar="NAME", help=", ".join(COUNTERS))
    options = parser.parse_args(arguments)
    now = read(root)
    if options.where:
        print("\n".join(COUNTERS[options.where][1](now).places))
        return 0
    before = read_commit(root, "HEAD~1")
    print(table(now, before))
    if before is None:
        print("There is no commit before this one here (a shallow clone, or no git), so no change is told.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
