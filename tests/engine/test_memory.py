"""What is kept: together within one budget, the last used last to go, what is in use not at all."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.engine.memory import Budget, Memory
from convlab.model import edits
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole
from convlab.model.source import Source


def test_several_memories_share_one_budget_and_the_longest_unused_goes_first() -> None:
    budget = Budget(10)
    one, other = budget.memory(int), budget.memory(int)
    one.put("a", 4)
    other.put("b", 4)
    one.put("c", 2)
    other.put("d", 1)
    one.get("a")
    one.trim()
    assert (other.get("b"), one.get("a"), one.get("c"), other.get("d")) == (None, 4, 2, 1)
    assert budget.total == 7


def test_what_is_in_use_stays_though_it_is_more_than_the_budget() -> None:
    memory: Memory[int] = Memory(10, int)
    for number in range(5):
        memory.put(number, 6)
    memory.trim(in_use=3)
    assert [memory.get(number) for number in range(5)] == [None, None, 6, 6, 6]
    memory.trim()
    assert [memory.get(number) for number in range(5)] == [None, None, None, None, 6]


def test_room_is_made_for_what_is_to_come() -> None:
    budget = Budget(10)
    memory = budget.memory(int)
    for number in range(3):
        memory.put(number, 3)
    budget.trim(room=4)
    assert [memory.get(number) for number in range(3)] == [None, 3, 3]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 8)), max_size=60))
def test_after_a_trim_the_rest_fits_or_is_in_use(steps: list[tuple[bool, int, int]]) -> None:
    budget = Budget(20)
    both = budget.memory(int), budget.memory(int)
    for first, key, size in steps:
        both[first].put(key, size)
        both[first].trim()
        assert budget.total <= 20 + 8
        assert both[first].get(key) == size


def test_an_evaluator_keeps_to_its_budget_whatever_is_asked() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)
    spec = ConvSpec(3, 4)
    document = new_document(Source("x", pixels, ("R", "G", "B"), 255), spec, np.ones(spec.weight_shape))
    evaluator = Evaluator(cache_bytes=20_000_000)
    fresh = Evaluator()
    for number in range(12):
        document = edits.set_weight(document, (number % 4, 0, 1, 1), float(number))
        maps, region = edited(document), whole(400, 500, 1 + number % 3)
        found = evaluator.live(maps, region, map_filters(maps, range(4)))
        expected = fresh.maps(maps, region, range(4))
        np.testing.assert_allclose([each.values for each in found], expected, atol=1e-4)
        assert evaluator.kept.total <= 20_000_000


GIVEN_BACK = """
import numpy as np
from convlab.engine.memory import Budget

def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

budget = Budget(40_000_000)
memory = budget.memory(lambda each: each.nbytes)
np.ones(2_000_000)  # once freed, blocks of this size are taken from the heap
between = []
for number in range(40):
    memory.put(number, np.ones(1_000_000))
    between.append(np.ones(2000))
memory.trim()
before = resident()
budget.rest()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no malloc_trim")
def test_at_rest_the_system_gets_back_what_was_forgotten() -> None:
    found = subprocess.run([sys.executable, "-c", GIVEN_BACK], capture_output=True, text=True, check=True)
    assert int(found.stdout) > 200_000_000
