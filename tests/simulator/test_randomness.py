from __future__ import annotations

from tickets.simulator.randomness import Stream


def test_a_number_between_two_bounds_reaches_both_and_passes_neither() -> None:
    stream = Stream(b"seed", b"name")
    numbers = {stream.between(3, 9) for _ in range(400)}
    assert numbers == set(range(3, 10))


def test_draws_are_spread_evenly() -> None:
    stream = Stream(b"seed", b"name")
    counts = [0] * 7
    for _ in range(7_000):
        counts[stream.below(7)] += 1
    assert all(850 < count < 1_150 for count in counts)


def test_streams_of_other_names_and_children_have_other_numbers() -> None:
    streams = [Stream(b"seed", b"truth"), Stream(b"seed", b"noise"), Stream(b"other", b"truth")]
    streams += [streams[0].child("truth"), streams[0].child("noise")]
    assert len({stream.take(16) for stream in streams}) == len(streams)


def test_a_child_is_the_same_however_much_its_parent_has_given() -> None:
    fresh, used = Stream(b"seed", b"truth"), Stream(b"seed", b"truth")
    used.take(1_000)
    assert fresh.child("a").take(32) == used.child("a").take(32)


def test_a_draw_without_return_gives_every_item_once() -> None:
    assert sorted(Stream(b"seed", b"name").draw("abcdef", 6)) == list("abcdef")


def test_a_delay_lies_between_two_thirds_and_four_times_the_typical_one() -> None:
    stream = Stream(b"seed", b"name")
    delays = [stream.about(3_000) for _ in range(2_000)]
    assert min(delays) >= 2_000
    assert 4_000 < max(delays) <= 12_000
