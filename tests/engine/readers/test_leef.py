"""LEEF 1.0 and 2.0: the delimiter, the times, and addresses before and behind a translation."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import NOON_NS, log, one, read
from tickets.engine.types import Alert, Endpoint, Statement

PAIRS = (
    "src=198.51.100.7",
    "srcPort=40111",
    "dst=192.0.2.30",
    "dstPort=445",
    "proto=TCP",
    "devTime=1767614400000",
)


def leef(
    *more: str, version: str = "1.0", mark: str = "\t", named: str | None = None, product: str = "Gate"
) -> str:
    delimiter = "" if named is None else f"{named}|"
    return f"LEEF:{version}|Example|{product}|3|deny|{delimiter}" + mark.join([*PAIRS, *more])


@pytest.mark.parametrize(
    ("version", "mark", "named"),
    [
        ("1.0", "\t", None),
        ("2.0", "^", "^"),
        ("2.0", "^", "x5E"),
        ("2.0", "~", "0x7e"),
        ("2.0", "\t", ""),
        ("2.0", "\t", None),
        ("2.0", ";", ";"),
        ("1.0", " ", None),
        ("1.0", "#011", None),
    ],
)
def test_attributes_are_split_at_the_delimiter_of_the_version(
    version: str, mark: str, named: str | None
) -> None:
    record = log(leef("policy=OUTSIDE_IN", version=version, mark=mark, named=named))
    assert (record.source, record.statement, record.orig) == ("leef", Statement.DENIED, None)
    assert (record.src, record.dst) == (Endpoint("198.51.100.7", 40111), Endpoint("192.0.2.30", 445))
    assert (record.time_ns, record.fields["acl"]) == (NOON_NS, "OUTSIDE_IN")


@pytest.mark.parametrize(
    "time",
    [
        "Jan 05 2026 12:00:00",
        "Jan 05 2026 13:00:00 GMT+01:00",
        "2026-01-05 12:00:00",
        "1767614400",
        "Jan 05 2026 12:00:00 UTC",
    ],
)
def test_times_are_read_as_products_write_them(time: str) -> None:
    assert log(leef(f"devTime={time}")).time_ns == NOON_NS


def test_a_zone_that_is_only_a_name_is_not_guessed() -> None:
    _, records, problems = read(leef("devTime=Jan 05 2026 12:00:00 XKT"))
    assert (records, problems) == ([], ["line 1: the time is missing or cannot be read"])


def test_addresses_before_and_behind_a_translation_are_views() -> None:
    record = log(leef("dstPreNAT=192.0.2.30", "dstPostNAT=10.20.9.30", "dstPostNATPort=1445"))
    assert record.translated == ((Endpoint("198.51.100.7", 40111), Endpoint("10.20.9.30", 1445)),)


def test_a_detection_is_an_alert_that_names_no_client() -> None:
    alert = one(leef("cat=attempted-recon", "sev=5", product="IDS"))
    assert isinstance(alert, Alert)
    assert (alert.src, alert.flow_orig, alert.severity, alert.category) == (
        Endpoint("198.51.100.7", 40111),
        None,
        5,
        "attempted-recon",
    )


def test_a_malformed_line_is_told_and_the_rest_is_read() -> None:
    _, records, problems = read(leef(), "LEEF:1.0|Example", leef("srcPort=99999"), leef("usrName=ana"))
    assert len(records) == 2
    assert problems == ["line 2: the line holds no LEEF header", "line 3: '99999' is not a port"]
