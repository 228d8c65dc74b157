"""Options of `convlab apply` for torch's parameters: their names, words, bounds and help are those of the window."""

from __future__ import annotations

import argparse

import pytest

from convlab.cli.arguments import parser
from convlab.cli.parameter_options import ELSEWHERE, flag_of
from convlab.model.layers.conv import ConvLayer
from convlab.model.layers.parameters import Choice, Parameter, WholeNumber

TABLE = [each for each in ConvLayer.PARAMETERS if each.name not in ELSEWHERE]
REST = ("apply", "photo.png", "--kernel", "box", "--out", "folder")


def action(parameter: Parameter) -> argparse.Action:
    top = parser()._subparsers
    assert top is not None
    apply = top._group_actions[0].choices["apply"]  # type: ignore[index, call-overload]
    return next(each for each in apply._actions if flag_of(parameter.name) in each.option_strings)  # type: ignore[union-attr]


@pytest.mark.parametrize("parameter", TABLE, ids=lambda parameter: parameter.name)
def test_each_parameter_is_an_option_that_says_what_the_tip_says(parameter: Parameter) -> None:
    found = action(parameter)
    assert found.dest == parameter.name
    assert found.help is not None
    assert parameter.tip[1:] in found.help
    if isinstance(parameter, Choice) and parameter.choices:
        assert list(found.choices or ()) == [word for word, _ in parameter.choices]


@pytest.mark.parametrize("parameter", [each for each in TABLE if isinstance(each, WholeNumber)], ids=lambda p: p.name)
def test_a_number_below_the_least_is_refused(parameter: WholeNumber, capsys: pytest.CaptureFixture[str]) -> None:
    flag = flag_of(parameter.name)
    taken = parser().parse_args([*REST, flag, str(parameter.low)])
    assert getattr(taken, parameter.name) == parameter.low
    with pytest.raises(SystemExit):
        parser().parse_args([*REST, flag, str(parameter.low - 1)])
    assert f"from {parameter.low} on" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["same", "valid", "causal"])
def test_padding_may_be_a_word_and_other_sizes_may_not(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert parser().parse_args([*REST, "--padding", word]).padding == word
    assert parser().parse_args([*REST, "--padding", "1,2"]).padding == (1, 2)
    with pytest.raises(SystemExit):
        parser().parse_args([*REST, "--stride", word])
    assert word in capsys.readouterr().err
