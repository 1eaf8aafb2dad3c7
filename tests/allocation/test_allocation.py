"""What each trainee's row of tickets looks like, whatever the pool."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.allocation import Allocation, Candidate, Rule, allocate
from tickets.engine import Disposition

FALSE_POSITIVE, BENIGN = Disposition.FALSE_POSITIVE, Disposition.BENIGN
TRUE_POSITIVE, UNDETERMINED = Disposition.TRUE_POSITIVE, Disposition.UNDETERMINED
KINDS = (FALSE_POSITIVE, BENIGN, TRUE_POSITIVE, UNDETERMINED)
SEEDS = st.integers(0, 1 << 32)


def draw(pool: Sequence[Candidate], count: int, seed: int, before: Sequence[Candidate] = ()) -> Allocation:
    return allocate(pool, count, random.Random(seed).randrange, before)


def rich_pool(each: int, *, rules: int = 0) -> list[Candidate]:
    """So many of every kind; the first of each direction share `rules` rules, pair by pair."""
    pool = [
        Candidate(f"{kind.value} {reverse} {number}", reverse, kind)
        for kind, reverse, number in product(KINDS, (True, False), range(each))
    ]
    for number in range(rules):
        for reverse in (True, False):
            at = next(at for at, item in enumerate(pool) if item.is_reversed is reverse and not item.rule)
            pool[at] = pool[at]._replace(rule=f"rule {number}")
    return pool


candidates = st.builds(
    Candidate,
    key=st.uuids(),
    is_reversed=st.booleans(),
    disposition=st.sampled_from(list(Disposition)),
    rule=st.sampled_from(["", "", "", "a", "b"]),
)


def runs(order: Sequence[Candidate]) -> list[Sequence[Candidate]]:
    return [order[at : at + 6] for at in range(len(order) - 5)]


def harmless(items: Sequence[Candidate]) -> int:
    return sum(item.disposition in (BENIGN, FALSE_POSITIVE) for item in items)


def alarming(items: Sequence[Candidate]) -> int:
    return sum(item.disposition is TRUE_POSITIVE for item in items)


def assert_keeps_its_word(made: Allocation, before: Sequence[Candidate] = ()) -> None:
    """What an allocation says that it keeps, counted again without its own functions."""
    for run in runs((*before[-5:], *made.order)):
        if Rule.DIRECTIONS in made.kept:
            assert 2 <= sum(item.is_reversed for item in run) <= 4
        if Rule.DISPOSITIONS in made.kept:
            assert len({item.disposition for item in run}) >= 3
        if Rule.SHIFT in made.kept:
            assert harmless(run) > alarming(run)
    if Rule.SHIFT in made.kept and made.order:
        assert harmless(made.order) > alarming(made.order)


@given(each=st.integers(4, 8), count=st.integers(1, 24), seed=SEEDS)
@settings(deadline=None, max_examples=150)
def test_a_pool_that_has_enough_of_each_kind_keeps_every_rule(each: int, count: int, seed: int) -> None:
    made = draw(rich_pool(each), count, seed)
    assert len(made.order) == count
    assert {Rule.DIRECTIONS, Rule.DISPOSITIONS, Rule.SHIFT} <= made.kept
    assert_keeps_its_word(made)


@given(pool=st.lists(candidates, max_size=24), count=st.integers(0, 24), seed=SEEDS)
@settings(deadline=None, max_examples=150)
def test_any_pool_gives_each_ticket_once_and_the_rules_that_are_said_to_be_kept_are_kept(
    pool: list[Candidate], count: int, seed: int
) -> None:
    made = draw(pool, count, seed)
    assert len(made.order) == min(count, len(pool))
    assert not Counter(item.key for item in made.order) - Counter(item.key for item in pool)
    assert_keeps_its_word(made)


@given(before=st.lists(candidates, max_size=12), count=st.integers(1, 12), seed=SEEDS)
@settings(deadline=None, max_examples=100)
def test_the_tickets_that_a_trainee_had_before_count_too(
    before: list[Candidate], count: int, seed: int
) -> None:
    made = draw(rich_pool(6), count, seed, before)
    assert_keeps_its_word(made, before)


def test_after_four_reversed_tickets_in_a_row_an_upright_one_comes() -> None:
    before = [item for item in rich_pool(2) if item.is_reversed][:4]
    firsts = {draw(rich_pool(4), 6, seed, before).order[0].is_reversed for seed in range(40)}
    assert firsts == {False}


def test_runs_hold_two_three_or_four_reversed_alerts_and_no_fixed_number() -> None:
    """Who counts to three must not know the sixth ticket."""
    found = Counter(
        sum(item.is_reversed for item in run)
        for seed in range(60)
        for run in runs(draw(rich_pool(5), 12, seed).order)
    )
    assert set(found) == {2, 3, 4}
    assert min(found.values()) > sum(found.values()) / 10


def test_five_tickets_seldom_give_the_sixth_away() -> None:
    sixth: dict[int, set[bool]] = {}
    for seed in range(300):
        order = draw(rich_pool(5), 6, seed).order
        sixth.setdefault(sum(item.is_reversed for item in order[:5]), set()).add(order[5].is_reversed)
    assert sixth[2] == sixth[3] == {True, False}


@given(rules=st.integers(1, 3), count=st.integers(8, 16), seed=SEEDS)
@settings(deadline=None, max_examples=100)
def test_two_of_one_rule_and_other_direction_stand_two_to_four_apart(
    rules: int, count: int, seed: int
) -> None:
    made = draw(rich_pool(4, rules=rules), count, seed)
    assert Rule.CONTRASTS in made.kept
    places: dict[str, list[int]] = {}
    for at, item in enumerate(made.order):
        if item.rule:
            places.setdefault(item.rule, []).append(at)
    assert all(len(pair) == 2 and 2 <= pair[1] - pair[0] <= 4 for pair in places.values())


def test_a_whole_pool_is_put_in_order_when_all_of_it_is_wanted() -> None:
    kinds = {True: [FALSE_POSITIVE] * 5 + [BENIGN], False: [BENIGN] * 4 + [TRUE_POSITIVE] * 2}
    pool = [Candidate((way, at), way, kind) for way in kinds for at, kind in enumerate(kinds[way])]
    made = draw(pool, len(pool), 7)
    assert sorted(map(str, made.order)) == sorted(map(str, pool))
    assert Rule.DIRECTIONS in made.kept
    assert_keeps_its_word(made)


@pytest.mark.parametrize("is_reversed", [True, False])
def test_a_pool_of_one_direction_is_given_as_it_is(is_reversed: bool) -> None:
    pool = [Candidate(number, is_reversed, kind) for number, kind in enumerate(KINDS * 2)]
    made = draw(pool, 8, 1)
    assert len(made.order) == 8
    assert Rule.DIRECTIONS not in made.kept


def test_chance_alone_decides_and_the_same_chance_gives_the_same_order() -> None:
    orders = [tuple(item.key for item in draw(rich_pool(4), 12, seed).order) for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len(set(orders)) == 3


def test_a_large_class_is_allocated_in_no_time() -> None:
    """The search is bounded; thirty trainees with forty tickets each from a pool of sixty-four."""
    pool = rich_pool(8, rules=4)
    for seed in range(30):
        assert_keeps_its_word(draw(pool, 40, seed))


def test_families_that_their_author_calls_a_contrast_stand_two_to_four_apart() -> None:
    one = Candidate(
        "one",
        is_reversed=True,
        disposition=Disposition.FALSE_POSITIVE,
        rule="1",
        family="T001",
        contrast=frozenset({"T003"}),
    )
    other = Candidate("other", is_reversed=False, disposition=Disposition.BENIGN, rule="2", family="T003")
    assert one.is_contrast_to(other)
    assert other.is_contrast_to(one)
    assert not one.is_contrast_to(other._replace(is_reversed=True, disposition=Disposition.FALSE_POSITIVE))
    rest = [
        Candidate(number, number % 2 == 0, list(Disposition)[number % 3], str(number + 10), f"T1{number:02d}")
        for number in range(10)
    ]
    for seed in range(20):
        order = allocate([one, other, *rest], 12, random.Random(seed).randrange).order
        places = [order.index(one), order.index(other)]
        assert 2 <= abs(places[0] - places[1]) <= 4
