"""Which photo is written to which files: planned as data before any work, so that nothing is destroyed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from convlab.cli.terminal import quoted
from convlab.export.format import ExportFormat
from convlab.export.plan import result_name
from convlab.io.names import stem_of
from convlab.model.message import ConvLabError

_ONE_MAP = re.compile(r"(.*_)out(0|[1-9][0-9]{0,8})(\..+)", re.DOTALL)
"""The name of a file that holds one map, as `result_name` makes it: what comes before, the map, the suffix."""


@dataclass(frozen=True, slots=True)
class Job:
    """A photo and the files that it becomes.

    name: the start of their names. present: which of them are there already, as maps' numbers; 0 for the one file
    of formats that have one.
    """

    photo: str
    name: str
    label: str
    format: ExportFormat
    folder: Path
    present: tuple[int, ...] = ()

    def target(self, output: int = 0) -> str:
        """The name of the file of map `output`, or of all maps."""
        return result_name(self.format, self.name, self.label, output)

    @property
    def key(self) -> str:
        """Equal for two photos if any two of their files could be one, also where case is no difference."""
        name = self.target().casefold()
        return name.removesuffix(f"out0{self.format.suffix}") if self.format.per_map else name


def jobs(photos: Iterable[str], label: str, format: ExportFormat, folder: Path) -> tuple[Job, ...]:
    """One for each photo; ConvLabError, with both names, where two would be written to the same files."""
    planned = [Job(photo, stem_of(photo), label, format, folder) for photo in photos]
    first: dict[str, Job] = {}
    for job in planned:
        other = first.setdefault(job.key, job)
        if other is not job:
            raise ConvLabError(
                f"{quoted(other.photo)} and {quoted(job.photo)} would both be written to {quoted(job.target())}: "
                "apply them to different --out folders"
            )
    return tuple(planned)


def with_present(planned: Iterable[Job], folder: Path, inputs: Iterable[str]) -> tuple[Job, ...]:
    """The jobs with what is there of their results; ConvLabError where a result would replace an input."""
    by_key = {job.key: job for job in planned}
    present: dict[str, set[int]] = {key: set() for key in by_key}
    read = _identities(inputs)
    for entry in _entries(folder):
        found = _found(entry.name, by_key)
        if found is None:
            continue
        job, output = found
        if not os.path.lexists(folder / job.target(output)):
            continue  # another name, on a file system that knows case
        what = read.get(_identity(entry.path))
        if what is not None:
            raise ConvLabError(
                f"{quoted(folder / job.target(output))}, a result of {quoted(job.photo)}, would be written over "
                f"{quoted(what)}, which is read: choose another --out folder"
            )
        present[job.key].add(output)
    return tuple(replace(job, present=tuple(sorted(present[job.key]))) for job in by_key.values())


def counted(job: Job, maps: Callable[[str], int | None]) -> tuple[Job, bool]:
    """The job with only those present files that are its own, and whether it is done; maps: how many of a photo's."""
    if not job.present or not job.format.per_map:
        return job, bool(job.present)
    count = maps(job.photo)
    if count is None:
        return job, False
    own = tuple(n for n in job.present if n < count)
    return replace(job, present=own), len(own) == count


def refuse_present(planned: Iterable[Job]) -> None:
    """ConvLabError where a result is there already."""
    found = [job.folder / job.target(n) for job in planned for n in job.present]
    if found:
        are = f" and {len(found) - 1} more are" if len(found) > 1 else " is"
        raise ConvLabError(f"{quoted(found[0])}{are} there already: give --overwrite, or --skip-existing to keep them")


def _found(name: str, by_key: Mapping[str, Job]) -> tuple[Job, int] | None:
    """Whose result a file of this name could be, and of which map; 0 where one file has them all."""
    one = _ONE_MAP.fullmatch(name)
    job = by_key.get(one[1].casefold()) if one else None
    if one and job and job.format.per_map and job.format.suffix == one[3]:
        return job, int(one[2])
    job = by_key.get(name.casefold())
    return (job, 0) if job and not job.format.per_map else None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []  # not there yet; what else is wrong is said when it is made


def _identities(paths: Iterable[str]) -> Mapping[tuple[int, int] | None, str]:
    found = {_identity(path): path for path in paths}
    return {identity: path for identity, path in found.items() if identity is not None}


def _identity(path: str) -> tuple[int, int] | None:
    """Of the file itself, through links."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
