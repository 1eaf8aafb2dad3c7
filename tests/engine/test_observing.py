"""Reading files leaves nothing else of the process changed."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.traffic import pcap, tcp
from tickets.engine.observing import observe

CAPTURE = pcap(tcp("10.0.0.1:40000", "10.0.0.2:80").syn())


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_the_collector_goes_on_and_holds_nothing_back() -> None:
    observe([("a.pcap", CAPTURE)])
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    observe([("a.pcap", CAPTURE)])
    assert not gc.isenabled()


def test_what_a_server_froze_before_it_forked_stays_frozen() -> None:
    gc.freeze()
    before = gc.get_freeze_count()
    observe([("a.pcap", CAPTURE)])
    assert 0 < gc.get_freeze_count() <= before
