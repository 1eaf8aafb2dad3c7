"""What a plan holds to, whatever the seed: the pure part of shifts."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.allocation import Candidate
from tickets.engine import Disposition
from tickets.shifts import (
    ARRIVE_WITHIN,
    FEWEST_TICKETS,
    MOST_TICKETS,
    RUSH,
    SHARES,
    SPELL,
    Mix,
    Offer,
    draw_arrivals,
    draw_kinds,
    plan_shift,
)

seeds = st.binary(min_size=16, max_size=16)
counts = st.integers(FEWEST_TICKETS, MOST_TICKETS)
minutes = st.integers(15, 120)
mixes = st.sampled_from(list(Mix))


def make_offers(
    each: int = 6, room: int = MOST_TICKETS, *, without: Disposition | None = None
) -> list[Offer]:
    """`each` scenarios of every kind that a mix asks for; half of them reversed."""
    kinds = [kind for kind in SHARES[Mix.REAL] if kind != without]
    return [
        Offer(Candidate(f"{kind}-{number}", number % 2 == 0, kind, rule=f"{kind}{number}"), room)
        for kind in kinds
        for number in range(each)
    ]


def kinds_of(offers: list[Offer], keys: list[object]) -> Counter[Disposition]:
    by_key = {offer.candidate.key: offer.candidate.disposition for offer in offers}
    return Counter(by_key[str(key)] for key in keys)


@given(count=st.integers(1, MOST_TICKETS), length=minutes, seed=seeds)
def test_arrivals_are_sorted_and_within_the_shift_and_the_first_comes_at_once(
    count: int, length: int, seed: bytes
) -> None:
    arrivals = draw_arrivals(count, length * 60, seed)
    assert len(arrivals) == count
    assert list(arrivals) == sorted(arrivals)
    assert arrivals[0] == 0
    assert arrivals[-1] <= length * 60 * ARRIVE_WITHIN


@given(count=counts, mix=mixes, seed=seeds)
def test_each_kind_is_less_than_one_ticket_away_from_its_share(count: int, mix: Mix, seed: bytes) -> None:
    kinds = draw_kinds(mix, count, seed)
    assert kinds.total() == count
    for kind, share in SHARES[mix].items():
        assert abs(kinds[kind] - share * count / 100) < 1


@given(count=counts, length=minutes, mix=mixes, seed=seeds)
def test_a_plan_has_its_count_its_mix_and_its_times(count: int, length: int, mix: Mix, seed: bytes) -> None:
    offers = make_offers()
    plan = plan_shift(offers, count=count, minutes=length, mix=mix, seed=seed)
    assert plan.is_mix_kept
    assert tuple(slot.offset_s for slot in plan.slots) == draw_arrivals(count, length * 60, seed)
    drawn = draw_kinds(mix, count, seed)
    assert kinds_of(offers, [slot.key for slot in plan.slots]) == Counter(
        {k: n for k, n in drawn.items() if n}
    )


@given(count=counts, seed=seeds)
def test_the_same_seed_gives_the_same_plan(count: int, seed: bytes) -> None:
    plans = {
        plan_shift(make_offers(), count=count, minutes=30, mix=Mix.REAL, seed=seed).slots for _ in range(2)
    }
    assert len(plans) == 1


def test_another_seed_gives_another_plan() -> None:
    plans = {
        plan_shift(make_offers(), count=12, minutes=30, mix=Mix.REAL, seed=bytes([number] * 16)).slots
        for number in range(20)
    }
    assert len(plans) == 20


@given(count=counts, room=st.integers(0, 3), seed=seeds)
def test_nothing_is_planned_beyond_its_room(count: int, room: int, seed: bytes) -> None:
    offers = make_offers(each=2, room=room)
    plan = plan_shift(offers, count=count, minutes=30, mix=Mix.REAL, seed=seed)
    assert len(plan.slots) == min(count, room * len(offers))
    assert all(times <= room for times in Counter(slot.key for slot in plan.slots).values())


def test_scenarios_that_were_met_least_come_first_and_none_twice_before_all_came_once() -> None:
    offers = [offer._replace(met=0 if "-0" in str(offer.candidate.key) else 1) for offer in make_offers()]
    plan = plan_shift(offers, count=4, minutes=15, mix=Mix.HALF, seed=bytes(16))
    keys = [str(slot.key) for slot in plan.slots]
    assert len(set(keys)) == 4
    first_of_each_kind = {key.rpartition("-")[0] for key in keys}
    assert {f"{kind}-0" for kind in first_of_each_kind} <= set(keys)


def test_where_a_kind_is_lacking_one_as_harmless_stands_in_and_the_plan_says_so() -> None:
    offers = make_offers(without=Disposition.BENIGN)
    plan = plan_shift(offers, count=20, minutes=30, mix=Mix.REAL, seed=bytes(16))
    kinds = kinds_of(offers, [slot.key for slot in plan.slots])
    assert not plan.is_mix_kept
    drawn = draw_kinds(Mix.REAL, 20, bytes(16))
    assert kinds[Disposition.TRUE_POSITIVE] == drawn[Disposition.TRUE_POSITIVE]
    assert kinds[Disposition.FALSE_POSITIVE] == drawn[Disposition.BENIGN] + drawn[Disposition.FALSE_POSITIVE]


def test_no_offer_gives_an_empty_plan() -> None:
    plan = plan_shift([], count=12, minutes=30, mix=Mix.REAL, seed=bytes(16))
    assert (plan.slots, plan.is_mix_kept) == ((), False)


def test_the_rounding_is_by_chance_so_that_over_many_shifts_the_share_comes_true() -> None:
    """Of twelve tickets 1.68 are true on average, never always 1 or always 2."""
    counts = [
        draw_kinds(Mix.REAL, 12, number.to_bytes(16, "big"))[Disposition.TRUE_POSITIVE]
        for number in range(2_000)
    ]
    assert set(counts) == {1, 2}
    assert sum(counts) / len(counts) == pytest.approx(1.68, abs=0.05)


def test_a_busy_spell_holds_more_arrivals_than_its_share_of_the_time() -> None:
    """Over many shifts the fullest fifth of each holds more than it would without a spell."""
    fullest = []
    for number in range(300):
        arrivals = draw_arrivals(61, 6_000, number.to_bytes(16, "big"))[1:]
        window = 6_000 * ARRIVE_WITHIN * SPELL
        fullest.append(max(sum(at <= other < at + window for other in arrivals) for at in arrivals))
    expected = 60 * SPELL * RUSH / (1 - SPELL + SPELL * RUSH)
    assert sum(fullest) / len(fullest) > expected


@pytest.mark.parametrize("mix", list(Mix))
def test_the_shares_of_a_mix_are_a_whole(mix: Mix) -> None:
    assert sum(SHARES[mix].values()) == 100
