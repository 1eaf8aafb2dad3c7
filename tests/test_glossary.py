"""The glossary's tables name what the engine, the worksheet and the desk name: no more and no less."""

from __future__ import annotations

from itertools import product

import pytest

from tickets import glossary
from tickets.engine import Endpoint, Location, Packet, Protocol, TcpFlags, service_on, tcp
from tickets.engine.traffic import Side
from tickets.grading import OutcomeAnswer

ENDS = (Endpoint("10.0.0.1", 40000), Endpoint("203.0.113.80", 80))
# Zeek writes these of traffic that the engine does not count: bad checksums, gaps, repeats; `^` is the engine's turning.
READ_ONLY = {"C", "G", "T", "^"}


def test_each_anchor_stands_once_and_the_words_are_in_order() -> None:
    anchors = [term.anchor for term in glossary.TERMS]
    words = [term.word.lower() for term in glossary.TERMS]
    assert len(set(anchors)) == len(anchors)
    assert words == sorted(words)


def test_every_flag_is_told_and_no_other() -> None:
    assert {sign.name for sign in glossary.FLAGS} == {flag.name for flag in TcpFlags if flag}


def test_every_outcome_of_the_worksheet_has_what_shows_it() -> None:
    assert list(glossary.OUTCOME_SHOWN_BY) == [outcome.value for outcome in OutcomeAnswer]


def test_every_state_that_the_engine_can_print_is_told_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = set()
    for states in product(tcp.State, repeat=2):
        orig, resp = (Side(end) for end in ENDS)
        reached = {id(orig): states[0], id(resp): states[1]}
        monkeypatch.setattr(tcp, "endpoint_state", lambda side, _, reached=reached: reached[id(side)])
        printed.add(tcp._tcp_state(orig, resp))
    assert {sign.sign for sign in glossary.CONN_STATES} == printed


def test_every_letter_that_the_engine_can_write_is_told_and_no_other() -> None:
    letters = set()
    for bits, size, window in product(range(256), (0, 1), (0, 1)):
        packet = Packet(
            location=Location("capture.pcap", 1),
            time_ns=0,
            protocol=Protocol.TCP,
            src=ENDS[0],
            dst=ENDS[1],
            wire_bytes=60,
            flags=TcpFlags(bits),
            payload_bytes=size,
            window=window,
        )
        letters |= set(tcp._letters(packet).upper())
    assert {sign.sign for sign in glossary.HISTORY} == letters | READ_ONLY


@pytest.mark.parametrize("port", glossary.PORTS, ids=lambda port: f"{port.number}-{port.protocol}")
def test_a_port_serves_what_the_engine_expects_there(port: glossary.Port) -> None:
    assert service_on(Protocol(port.protocol), port.number) == port.service
