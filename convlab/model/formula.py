"""An explained value as one line of arithmetic, with '=' where it holds as written and '≈' where it is rounded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convlab.model.explanation import largest_products
from convlab.model.numbers import bracketed, shown_number
from convlab.model.shown_sums import ShownSums, added_sign, multiplied

Places = Sequence[tuple[int, int]]


def algebra(sums: ShownSums, most: int = 40) -> str:
    """One line: (value · weight + …) + … + bias = total, products beyond `most` a channel counted and summed."""
    alone = len(sums.subtotals) == 1 and sums.unit == 1 and not sums.bias
    names = sums.explanation.channel_names
    parts = [f"{name}: {_channel(sums, number, most, alone)}" for number, name in enumerate(names)]
    if not alone:
        terms = sum_terms(sums, range(len(names)))
        if len(terms) > 1:
            line = " + ".join(bracketed(text) for text in terms)
            parts.append(f"Σ: {line} {added_sign(terms, sums.added_text)} {sums.added_text}")
        if sums.unit != 1:
            parts.append(divided(sums))
    return "; ".join([*parts, *filter(None, [sums.activated])])


def sum_terms(sums: ShownSums, channels: Sequence[int]) -> list[str]:
    """The channels' subtotals, those of all others as one, and the bias where it is added to them."""
    terms = [sums.subtotal(channel) for channel in channels]
    if len(channels) < len(sums.subtotals):
        terms.append(sums.other_channels(channels))
    return [*terms, sums.bias] if sums.bias and sums.unit == 1 else terms


def divided(sums: ShownSums) -> str:
    """'218 / 255 + 0.5 ≈ 1.355': from the sum in the unit to the layer's own value."""
    return f"{over_unit(sums)} {sums.divided_sign()} {sums.total_text}"


def over_unit(sums: ShownSums) -> str:
    """'218 / 255 + 0.5'."""
    return f"{sums.added_text} / {sums.unit:.0f}{_plus_bias(sums)}"


def sentence(sums: ShownSums, channels: Sequence[int], longest: int) -> str:
    """out 0 [2, 3] = 9 + 3 + 6 + 1 = 19; the products of a single channel where they are no longer than `longest`.

    In a unit: out 0 [2, 3] = (9 + 3 + 6) / 255 + 1 = 18 / 255 + 1 ≈ 1.071.
    """
    explanation = sums.explanation
    name = f"out {explanation.output} [{explanation.position[0]}, {explanation.position[1]}]"
    after = f",  {sums.activated}" if sums.activated else ""
    terms, sign = _sentence_terms(sums, channels, longest)
    if sums.unit == 1:
        middle = f"{sign} {terms} {sign}" if terms else "="
        return f"{name} {middle} {sums.total_text}{after}"
    middle = f"{sign} ({terms}) / {sums.unit:.0f}{_plus_bias(sums)} {sign}" if terms else "="
    return f"{name} {middle} {divided(sums)}{after}"


def _sentence_terms(sums: ShownSums, channels: Sequence[int], longest: int) -> tuple[str, str]:
    """The terms in a line, and whether they add up."""
    terms = sum_terms(sums, channels)
    if len(terms) == 1:
        places = list(np.ndindex(*sums.products[0].shape))
        if len(places) > longest:
            return "", "="
        line = " + ".join(_factors(sums, 0, at) for at in places)
        return (line, _products_sign(sums, 0, places, [], sums.added_text)) if len(line) <= longest else ("", "=")
    inner = [f"[{len(sums.subtotals) - len(channels)}: {text}]" for text in terms[len(channels) : len(channels) + 1]]
    texts = [terms[0], *(bracketed(text) for text in terms[1:])]
    if len(channels) < len(sums.subtotals):
        texts[len(channels)] = inner[0]
    return " + ".join(texts), added_sign(terms, sums.added_text)


def _channel(sums: ShownSums, channel: int, most: int, alone: bool) -> str:
    """'(0.5·2 + … + [7 more: 0.25]) = 1.25' of one channel; alone: its sum is the value itself."""
    count = sums.products[channel].size
    every = list(np.ndindex(*sums.products[channel].shape))
    places = largest_products(sums.explanation, channel, most) if count > most else every
    terms = [_factors(sums, channel, at) for at in places]
    rest = [sums.rest(channel, places)] if count > len(places) else []
    terms += [f"[{count - len(places)} more: {text}]" for text in rest]
    total = sums.added_text if alone else sums.subtotal(channel)
    return f"({' + '.join(terms)}) {_products_sign(sums, channel, places, rest, total)} {total}"


def _factors(sums: ShownSums, channel: int, at: tuple[int, int]) -> str:
    return f"{bracketed(sums.value(channel, *at))}·{bracketed(sums.weight(channel, *at))}"


def _products_sign(sums: ShownSums, channel: int, places: Places, rest: list[str], total: str) -> str:
    """Whether value · weight as shown, and what is counted as one, add up to `total`."""
    terms = [multiplied((sums.value(channel, *at), sums.weight(channel, *at))) for at in places]
    return added_sign([*terms, *(shown_number(text) for text in rest)], total)


def _plus_bias(sums: ShownSums) -> str:
    return f" + {bracketed(sums.bias)}" if sums.bias else ""
