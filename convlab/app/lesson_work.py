"""What a lesson has the engine work out: comparisons, the distance from a target, an asked value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlab.app.worker import Checkpoint
from convlab.model.challenge import Score, score
from convlab.model.comparison import Compared, variant_document, variant_figures, variant_problem
from convlab.model.document import Document
from convlab.model.lesson import MAP, VALUE, Challenge, Comparison, Question
from convlab.model.maps import activated, last
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.question import Verdict, judge, question_document
from convlab.model.region import overview

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator

Values = NDArray[np.floating]
MOST_SLICES = 8
"""Of a volume that are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A challenge's score, and both maps of the chosen output; present is None while the layer has problems."""

    score: Score
    target: Values
    present: Values | None


def compare(
    document: Document, comparison: Comparison, evaluator: Evaluator, checkpoint: Checkpoint
) -> tuple[Compared, ...]:
    """Every variant of the present document; one that cannot be evaluated says why."""
    found = []
    for variant in comparison.variants:
        try:
            each = variant_document(document, variant)
        except ConvLabError as error:
            found.append(Compared(variant.title, problem=error.message))
            continue
        problem = variant_problem(variant, each)
        if problem is not None:
            found.append(Compared(variant.title, problem=problem))
            continue
        wanted = MAP in comparison.show and comparison.output < each.conv.spec.out_channels
        values = maps(each, [comparison.output], evaluator, checkpoint)[0] if wanted else None
        found.append(Compared(variant.title, variant_figures(comparison, variant, each), values))
    return tuple(found)


def measure(
    document: Document,
    target: Document,
    challenge: Challenge,
    chosen: int,
    evaluator: Evaluator,
    checkpoint: Checkpoint,
) -> Scored:
    """How far the present maps are from the target's, sampled where they are large. ConvLabError where it has none."""
    refuse_problems(target)
    aimed = last_maps(target, evaluator, checkpoint)
    shown = aimed[min(chosen, len(aimed) - 1), 0]
    if last(document).problems():
        sizes = ((0, 0, 0), _sizes(target))
        return Scored(Score(False, sizes=sizes), shown, None)
    present = last_maps(document, evaluator, checkpoint)
    found = score(present, aimed, challenge.tolerance)
    if _sizes(document) != _sizes(target):
        found = Score(False, sizes=(_sizes(document), _sizes(target)))
    return Scored(found, shown, present[min(chosen, len(present) - 1), 0])


def refuse_problems(document: Document) -> None:
    """ConvLabError with the layer's own sentence where it cannot be evaluated."""
    for problem in last(document).problems()[:1]:
        raise ConvLabError(problem.message)


def answer(question: Question, scene: Document, text: str, evaluator: Evaluator) -> Verdict:
    """Whether an answer is right; ConvLabError when it is no number, or the question asks for no pixel of the map."""
    if question.kind != VALUE:
        return judge(question, scene, text)
    from convlab.engine.explain import explain

    document = question_document(question, scene)
    inside = not document.problems() and question.output < document.conv.spec.out_channels
    if not inside or any(at >= size for at, size in zip(question.at, document.output_size, strict=True)):
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "The question asks for a pixel that is not in the map.")))
    return judge(question, scene, text, explain(evaluator, activated(document), question.output, *question.at))


def maps(document: Document, outputs: range | list[int], evaluator: Evaluator, checkpoint: Checkpoint) -> Values:
    """Maps [outputs, rows, cols], every pixel of small ones and an even sample of large ones."""
    of = activated(document)
    return np.asarray(evaluator.maps(of, overview(*of.output_size), list(outputs), checkpoint))


def last_maps(document: Document, evaluator: Evaluator, checkpoint: Checkpoint) -> Values:
    """Those of the last layer: [outputs, slices, rows, cols], sampled as `maps` does, of volumes some slices."""
    depth = last(document).depth
    slices = [last(document, n) for n in range(depth // 2 % -(-depth // MOST_SLICES), depth, -(-depth // MOST_SLICES))]
    found = [evaluator.maps(each, overview(*each.output_size), range(each.count), checkpoint) for each in slices]
    return np.stack(found, 1)


def _sizes(document: Document) -> tuple[int, ...]:
    of = last(document)
    return of.count, *document.conv.spec.torch_sizes(of.shape.size)
