"""NetFlow halves, their timers and sampling, and nfdump's guess of the client."""

from __future__ import annotations

import csv

import pytest

from tests.simulator.sensors.scenes import SEED, captured, flag_sum, flow_of, flows_in, read_back, scene, sent
from tickets.engine.types import Endpoint
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.flow_halves import Exporter, Half, export_halves
from tickets.simulator.sensors.nfdump import (
    OLD_COLUMNS,
    needs_swap,
    write_nfdump_csv,
    write_nfdump_csv48,
    write_nfdump_merged,
)

OURS = "192.0.2.254"
LASTING = Exporter(active_ns=10**15, inactive_ns=10**15)


def _halves(exporter: Exporter = LASTING, zone: Zone = Zone.OUTSIDE) -> tuple[Half, ...]:
    return export_halves(scene().recording(zone), exporter, Stream(SEED, b"halves"))


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(data.decode().splitlines()))


def _ends(row: dict[str, str]) -> tuple[tuple[str, int], tuple[str, int]]:
    return (row["sa"], int(row["sp"])), (row["da"], int(row["dp"]))


def test_each_half_counts_its_own_direction_of_the_capture() -> None:
    packets = captured(scene().recording())
    rows = [row for row in _rows(write_nfdump_csv48(_halves(), OURS)) if row["pr"] != "ICMP"]
    for row in rows:
        src, dst = _ends(row)
        mine = sent(packets[frozenset((src, dst))], src)
        assert int(row["ipkt"]) == len(mine)
        assert int(row["ibyt"]) == sum(packet.ip_bytes for packet in mine)
        letters = sum(1 << (7 - at) for at, letter in enumerate(row["flg"]) if letter != ".")
        assert letters == flag_sum(mine)
        lasted_ms = mine[-1].time_us // 1000 - mine[0].time_us // 1000
        assert float(row["td"]) * 1000 == pytest.approx(lasted_ms)


def test_the_old_list_has_its_48_columns_and_the_new_one_milliseconds() -> None:
    assert len(OLD_COLUMNS) == 48
    lines = write_nfdump_csv48(_halves(), OURS).decode().splitlines()
    assert {len(line.split(",")) for line in lines} == {48}
    new = _rows(write_nfdump_csv(_halves()))
    assert all(len(row["firstSeen"]) == len("2026-03-04 12:00:00.010") for row in new)
    assert {row["dstPort"] for row in new if row["proto"] == "ICMP"} == {"8.0", "0.0"}


def test_a_pause_and_a_long_life_cut_a_half_and_the_later_piece_shows_no_syn() -> None:
    late = scene().dialogues["late"]
    pieces = [
        half
        for half in _halves(Exporter(), Zone.INSIDE)
        if half.flow.dialogue is late and not half.is_from_orig
    ]
    assert [bool(half.flags & 2) for half in pieces] == [True, False]
    assert pieces[0].exported_ns == pieces[0].end_ns + 15 * NS_PER_S
    blocked = [
        half
        for half in _halves(Exporter(active_ns=2 * NS_PER_S))
        if half.flow.dialogue is scene().dialogues["blocked"]
    ]
    assert [len(half.packets) for half in blocked] == [2, 1, 1]


def test_sampling_counts_what_it_looked_at_and_may_miss_a_half() -> None:
    whole, sampled = _halves(), _halves(Exporter(active_ns=10**15, inactive_ns=10**15, one_in=3))
    counted = [sum(len(half.packets) for half in halves) for halves in (whole, sampled)]
    assert 0 < counted[1] < counted[0] * 2 // 3
    assert len(sampled) < len(whole)
    assert sampled == _halves(Exporter(active_ns=10**15, inactive_ns=10**15, one_in=3))


@pytest.mark.parametrize(
    ("ports", "swapped"),
    [
        ((80, 3932), True),
        ((3932, 80), False),
        ((8834, 51022), True),
        ((51022, 8834), False),
        ((40000, 50000), True),
        ((53, 53), False),
        ((1308, 3389), False),
    ],
)
def test_the_merger_guesses_the_client_by_three_borders_of_ports(
    ports: tuple[int, int], swapped: bool
) -> None:
    assert needs_swap(*ports) is swapped


def test_the_merger_puts_both_directions_in_one_row_with_the_client_first() -> None:
    rows = _rows(write_nfdump_merged(_halves(), OURS))
    for kind in ("page", "refused", "half_open", "torn"):
        flow = flow_of(scene().recording(), scene().dialogues[kind])
        (row,) = (
            row for row in rows if row["pr"] == "TCP" and _ends(row) == (tuple(flow.orig), tuple(flow.resp))
        )
        orig, resp = (flow.tally(from_orig=side) for side in (True, False))
        assert [int(row[name]) for name in ("ipkt", "ibyt", "opkt", "obyt")] == [
            *(orig.packets, orig.ip_bytes, resp.packets, resp.ip_bytes),
        ]


def test_the_merger_takes_the_sender_of_stray_answers_for_the_server() -> None:
    """The answer came first and nobody asked: the row shows our host as the client all the same."""
    rows = _rows(write_nfdump_merged(_halves(), OURS))
    (row,) = (row for row in rows if row["sp"] == "3932")
    assert (row["sa"], row["dp"], row["ipkt"], row["opkt"]) == ("192.0.2.10", "80", "1", "1")


@pytest.mark.parametrize("merged", [False, True])
def test_the_engine_reads_every_row(merged: bool) -> None:
    data = write_nfdump_merged(_halves(), OURS) if merged else write_nfdump_csv(_halves())
    kind, records = read_back("netflow.csv", data)
    assert kind == "nfdump.csv"
    assert len(records) == len(data.splitlines()) - 1
    page = flow_of(scene().recording(), scene().dialogues["page"])
    (flow,) = (flow for flow in flows_in(records) if flow.orig == page.orig)
    assert flow.is_half is not merged
    assert flow.resp == Endpoint(*page.resp)
