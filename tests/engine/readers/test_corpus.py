"""Every format has a sample, and no format takes another's file for its own."""

from __future__ import annotations

import gzip

import pytest

from tests.engine.readers.corpus import SAMPLES
from tickets.engine.readers import known_formats, read_evidence
from tickets.engine.summaries import summarise


def test_every_format_has_a_sample() -> None:
    found = {read_evidence("x", data).format for data in SAMPLES.values()}
    assert found == {known.FORMAT for known in known_formats()}


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
