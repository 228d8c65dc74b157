"""The run: one photo is read ahead, one convolved, and maps of those before are drawn and written by all cores."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from convlab.cli.photo_plan import export_plan, refuse_taken
from convlab.cli.targets import Job
from convlab.cli.terminal import Screen, quoted
from convlab.cli.weights import LayerSource
from convlab.engine.device import limits
from convlab.engine.evaluate import Evaluator
from convlab.export.maps import Saving, start_maps
from convlab.export.plan import planned_paths
from convlab.export.writers import Writers
from convlab.io.inputs import read_input
from convlab.model.message import ConvLabError
from convlab.model.source import Source

MOST_NAMED = 5
STOPPED = 130


@dataclass(slots=True)
class Photo:
    """A photo under way: what is said of it when its turn has come, and its files."""

    job: Job
    notes: list[str] = field(default_factory=list)
    saving: Saving | None = None
    failed: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing is at work on it."""
        return self.saving is None or self.saving.written == len(self.saving.writing)


class Batch:
    """Writes the results of many photos; what is said about them comes in their order."""

    def __init__(self, options: argparse.Namespace, layers: LayerSource, screen: Screen) -> None:
        self._options, self._layers, self._screen = options, layers, screen
        self._evaluator = Evaluator()
        self._begun: deque[Photo] = deque()
        self._done = self._failed = 0

    def run(self, jobs: Sequence[Job]) -> int:
        """0, 1 when a photo failed, 130 when stopped."""
        try:
            with Writers() as writers, ThreadPoolExecutor(1, "reader") as reader:
                for job, reading in self._ahead(jobs, reader):
                    self._begun.append(self._begin(job, reading, writers))
                    while self._begun and self._begun[0].over:
                        self._end(self._begun.popleft())
                while self._begun:
                    self._end(self._begun[0])
                    self._begun.popleft()
        except KeyboardInterrupt:
            self._say_stopped(jobs)
            return STOPPED
        return 1 if self._failed else 0

    def _ahead(self, jobs: Sequence[Job], reader: ThreadPoolExecutor) -> Iterator[tuple[Job, Future[Source]]]:
        """Each with its file, which is read while the one before is convolved."""
        upcoming: Future[Source] | None = None
        for number, job in enumerate(jobs):
            current = upcoming or reader.submit(self._read, job)
            upcoming = reader.submit(self._read, jobs[number + 1]) if number + 1 < len(jobs) else None
            yield job, current

    def _read(self, job: Job) -> Source:
        return read_input(job.photo, (self._options.frame or 1) - 1, deep=self._layers.deep)

    def _begin(self, job: Job, reading: Future[Source], writers: Writers) -> Photo:
        """Convolve it and start writing; whatever goes wrong is the photo's own."""
        photo = Photo(job)
        try:
            self._convolve(photo, reading.result(), writers)
        except ConvLabError as error:
            self._fail(photo, str(error))
        except Exception as error:  # a fault of ours must not take the other photos' results
            self._fail(photo, f"it went wrong inside: {type(error).__name__} {error}")
        return photo

    def _convolve(self, photo: Photo, source: Source, writers: Writers) -> None:
        options = self._options
        if options.frame is not None and source.signal:
            raise ConvLabError(f"{quoted(source.name)} has no frames: leave out --frame")
        if source.frames > 1 and options.frame is None and not self._layers.deep:
            photo.notes.append(f"{quoted(source.name)}: frame 1 of {source.frames}")
        plan, note = export_plan(photo.job, options, self._layers, source, limits())
        photo.notes += [note] if note else []
        refuse_taken(plan, options)
        if options.skip_existing and not plan.format.per_map and planned_paths(plan)[0].exists():
            return
        photo.saving = start_maps(plan, self._evaluator, writers)

    def _fail(self, photo: Photo, text: str) -> None:
        name = Path(photo.job.photo).name
        photo.failed = True
        photo.notes.append(text if name and name in text else f"{quoted(photo.job.photo)}: {text}")

    def _end(self, photo: Photo) -> None:
        """Wait for its last file, and say what is to be said."""
        try:
            if photo.saving is not None:
                photo.saving.finish()
        except ConvLabError as error:
            self._fail(photo, str(error))
        except Exception as error:
            self._fail(photo, f"it went wrong inside: {type(error).__name__} {error}")
        for note in photo.notes:
            self._screen.say(note)
        self._failed += photo.failed
        self._done += not photo.failed
        self._screen.advance()

    def _say_stopped(self, jobs: Sequence[Job]) -> None:
        """After Ctrl-C, when no thread is at work any more."""
        rest = list(jobs[self._done + self._failed :])
        finished = [photo.job for photo in self._begun if photo.saving is not None and _is_whole(photo.saving)]
        missing = [job for job in rest if job not in finished]
        self._screen.close()
        done = self._done + len(finished)
        if not missing:
            self._screen.say(f"stopped: {done} of {len(jobs)} photos are done")
            return
        names = ", ".join(quoted(Path(job.photo).name) for job in missing[:MOST_NAMED])
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        again = "; with --skip-existing the same command goes on"
        self._screen.say(f"stopped: {done} of {len(jobs)} photos are done, not {names}{more}{again}")


def _is_whole(saving: Saving) -> bool:
    return all(future.done() and not future.cancelled() and future.exception() is None for future in saving.writing)
