"""Every format has a sample, and no format takes another's file for its own."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest

from tests.engine.readers.corpus import LOGS, SAMPLES
from tickets.engine.readers import CAPTURES, logs, read_evidence
from tickets.engine.summaries import summarise


def test_every_format_has_a_sample() -> None:
    found = {read_evidence("x", data).format for data in SAMPLES.values()}
    assert found == {known.FORMAT for known in (*CAPTURES, *logs.LOGS)}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_as_what_it_is(name: str) -> None:
    reading = read_evidence("x", SAMPLES[name])
    records = list(reading.records)
    assert name.partition(",")[0].startswith(reading.format)
    assert reading.problems == []
    assert records
    assert all(summarise(record).source for record in records)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_reads_the_same_from_gzip_and_with_other_line_ends(name: str) -> None:
    plain = list(read_evidence("x", SAMPLES[name]).records)
    assert list(read_evidence("x", gzip.compress(SAMPLES[name])).records) == plain
    if "pcap" not in name:
        windows = SAMPLES[name].replace(b"\n", b"\r\n")
        assert len(list(read_evidence("x", b"\xef\xbb\xbf" + windows).records)) == len(plain)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")],
)
@pytest.mark.parametrize("name", LOGS)
def test_a_log_in_utf16_reads_as_in_utf8(name: str, encoding: str, mark: bytes) -> None:
    plain = list(read_evidence("x", LOGS[name]).records)
    wide = mark + LOGS[name].decode().encode(encoding)
    for stored in (wide, gzip.compress(wide), BytesIO(wide)):
        reading = read_evidence("x", stored)
        assert (list(reading.records), reading.problems) == (plain, [])


def test_half_a_character_at_the_end_of_utf16_does_no_harm() -> None:
    wide = b"\xff\xfe" + (LOGS["suricata.eve"].decode() + "\n").encode("utf-16-le") + b"\xd8"
    reading = read_evidence("x", wide)
    assert len(list(reading.records)) == len(list(read_evidence("x", LOGS["suricata.eve"]).records))


@pytest.mark.parametrize("name", LOGS)
def test_logs_that_were_put_together_are_read_whole_with_the_second_header(name: str) -> None:
    once, twice = (list(read_evidence("x", LOGS[name].rstrip(b"\n") + b"\n" * n).records) for n in (1, 2))
    assert len(twice) == len(once)
    both = read_evidence("x", LOGS[name].rstrip(b"\n") + b"\n" + LOGS[name])
    assert (len(list(both.records)), both.problems) == (2 * len(once), [])


# Records that stand among lines of other programs or within a frame: what is none of them is no fault.
AMONG_OTHERS = {
    "dionaea.tree", "netfilter", "openssh", "pf.filterlog", "snort.full", "windows.security.xml",
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_a_line_that_is_cut_or_damaged_takes_no_other_with_it(name: str) -> None:
    plain = list(read_evidence("x", LOGS[name]).records)
    whole = LOGS[name].rstrip(b"\n") + b"\n"
    cut = read_evidence("x", whole + LOGS[name].rstrip()[:-12])
    assert len(plain) <= len(list(cut.records)) <= 2 * len(plain)
    damaged = read_evidence("x", whole + b"\n\x00\xff}]odd, line \r\n\n" + LOGS[name])
    assert len(list(damaged.records)) == 2 * len(plain)
    line = whole.count(b"\n") + 2
    told = [] if name in AMONG_OTHERS else [f"line {line}"]
    assert [problem.place for problem in damaged.problems] == told
