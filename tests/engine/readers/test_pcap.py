"""Classic pcap and pcapng: every writer's habits, and every way that a file can be broken."""

from __future__ import annotations

import gzip
import io
import struct

import pytest

from tests.traffic import NOON, block, pcap, pcapng, tcp
from tickets.engine.readers import Reading, read_evidence, source
from tickets.engine.types import EngineError, Location, Packet, Record

SEED = (
    tcp("10.20.30.40:3932", "203.0.113.80:80")
    .handshake()
    .says(b"GET / HTTP/1.1\r\n\r\n")
    .answers(b"HTTP/1.1 200 OK\r\n")
)
TIMES = [NOON * 10**9 + millisecond * 10**6 for millisecond in range(5)]


def read(data: bytes) -> tuple[list[Record], list[str], Reading]:
    reading = read_evidence("x.bin", data)
    records = list(reading.records)
    return records, [str(problem) for problem in reading.problems], reading


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_both_byte_orders_and_resolutions_give_the_same_packets(order: str, nano: bool) -> None:
    records, problems, reading = read(pcap(SEED, order=order, nano=nano))
    assert (reading.format, problems) == ("pcap", [])
    assert [record.time_ns for record in records] == TIMES
    assert [record.location for record in records] == [Location("x.bin", number) for number in range(1, 6)]


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_reads_like_pcap_in_both_byte_orders(order: str) -> None:
    assert read(pcapng(SEED, order=order))[0] == read(pcap(SEED))[0]


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        (9, bytes([9]), lambda time: time // 1000),
        (9, bytes([6]), lambda time: time),
        (9, bytes([0x80 | 20]), lambda time: time // 1000 * 10**9 // 2**20),
        (14, struct.pack("<q", -3600), lambda time: time - 3600 * 10**9),
    ],
)
def test_an_interface_sets_its_clock(code: int, value: bytes, expected: object) -> None:
    options = struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
    records, problems, _ = read(pcapng(SEED, options=options))
    assert not problems
    assert callable(expected)
    assert [record.time_ns for record in records] == [expected(time) for time in TIMES]


def test_sections_of_different_byte_orders_follow_one_another() -> None:
    records, problems, _ = read(pcapng(SEED, order="<") + pcapng(SEED, order=">"))
    assert not problems
    assert [record.location.number for record in records if record.location] == list(range(1, 11))


def test_simple_and_old_packet_blocks_are_read() -> None:
    frame = pcap(SEED)[40:94]
    head = pcapng()
    simple = block("<", 3, struct.pack("<I", len(frame)) + frame)
    old = block("<", 2, struct.pack("<HHIIII", 0, 0, 0, 5, len(frame), len(frame)) + frame)
    records, problems, _ = read(head + simple + old)
    assert not problems
    assert [record.time_ns for record in records] == [0, 5000]


def test_an_empty_capture_has_no_records_and_no_problems() -> None:
    assert read(pcap())[:2] == ([], [])


@pytest.mark.parametrize("data", [b"", b" \n\t\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(EngineError, match=r"^x\.bin: the file is empty$"):
        read(data)


def test_a_text_file_named_pcap_is_refused_by_its_content() -> None:
    with pytest.raises(EngineError, match=r"^notes\.pcap: this is no evidence"):
        read_evidence("notes.pcap", b"Meeting notes\nnothing else\n")


def test_a_file_that_ends_inside_a_packet_tells_where_and_keeps_the_rest() -> None:
    data = pcap(SEED)
    records, problems, _ = read(data[:-3])
    at = len(data) - 16 - 54 - len(b"HTTP/1.1 200 OK\r\n")
    assert problems == [f"x.bin: packet 5 at byte {at}: the file ends after 68 of 71 bytes"]
    assert len(records) == 5


def test_a_file_that_ends_inside_a_header_tells_where() -> None:
    records, problems, _ = read(pcap(SEED)[: 24 + 70 + 9])
    assert problems == ["x.bin: packet 2 at byte 94: the file ends inside a packet's header"]
    assert len(records) == 1
    assert read(pcap()[:20])[1] == ["x.bin: byte 20: the file ends inside its header"]


def test_an_impossible_length_ends_the_reading_with_its_place() -> None:
    head = pcap()
    record = struct.pack("<IIII", NOON, 0, 262145, 262145)
    assert read(head + record + bytes(100))[1] == [
        (
            "x.bin: packet 1 at byte 24: claims 262145 bytes, more than the 262144 that a packet may have; "
            "the rest cannot be read"
        )
    ]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            pcapng()[:-1],
            "block at byte 28: the file ends after 19 of 20 bytes of a block; the rest cannot be read",
        ),
        (
            pcapng() + b"\x06\0\0\0",
            "block at byte 48: the file ends inside a block's header; the rest cannot be read",
        ),
        (
            pcapng() + struct.pack("<III", 6, 13, 0),
            "block at byte 48: a block length of 13 bytes is not possible; the rest cannot be read",
        ),
        (
            pcapng() + block("<", 6, struct.pack("<IIIII", 7, 0, 0, 0, 0)),
            "block at byte 48: packet 1 names interface 7, which no block describes",
        ),
        (
            pcapng() + block("<", 6, struct.pack("<IIIII", 0, 0, 0, 900, 900)),
            "block at byte 48: packet 1 claims 900 bytes, more than its block holds",
        ),
        (pcapng() + block("<", 6, b"1234"), "block at byte 48: the block is too short for its kind"),
        (
            b"\x0a\x0d\x0d\x0a" + bytes(24),
            "block at byte 0: the section header has no byte-order mark; the rest cannot be read",
        ),
    ],
)
def test_a_broken_pcapng_tells_the_block(broken: bytes, told: str) -> None:
    assert read(broken)[1] == [f"x.bin: {told}"]


@pytest.mark.parametrize(
    ("ticks", "offset_s"), [((1 << 64) - 1, 0), (NOON * 1_000_000, -(1 << 62)), (0, -1), (0, 9_300_000_000)]
)
def test_a_time_that_no_clock_can_show_is_a_problem(ticks: int, offset_s: int) -> None:
    options = struct.pack("<HHq", 14, 8, offset_s)
    body = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, 0, 0)
    at = len(pcapng(options=options))
    records, problems, _ = read(pcapng(options=options) + block("<", 6, body))
    assert records == []
    assert problems == [f"x.bin: block at byte {at}: packet 1 has a time that is not possible"]


def test_a_bad_block_does_not_hide_the_packets_after_it() -> None:
    bad = block("<", 6, struct.pack("<IIIII", 7, 0, 0, 0, 0))
    good = pcapng(SEED)
    records, problems, _ = read(good[:48] + bad + good[48:])
    assert (len(records), len(problems)) == (5, 1)


def test_gzip_is_opened_on_the_way() -> None:
    assert read(gzip.compress(pcap(SEED)))[0] == read(pcap(SEED))[0]


def test_members_of_gzip_follow_one_another() -> None:
    data = pcap(SEED)
    assert len(read(gzip.compress(data[:100]) + gzip.compress(data[100:]))[0]) == 5


def test_a_gzip_file_that_holds_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_GZIP_BYTES", 400)
    with pytest.raises(EngineError, match="when unpacked"):
        read(gzip.compress(pcap(SEED, SEED, SEED)))


def test_a_gzip_bomb_is_refused() -> None:
    bomb = gzip.compress(pcap() + bytes(3_000_000), compresslevel=9)
    with pytest.raises(EngineError, match="grows more than 500 times"):
        read(bomb)


@pytest.mark.parametrize("cut", [slice(0, -12), slice(0, 40)])
def test_a_gzip_stream_that_ends_early_tells_where(cut: slice) -> None:
    with pytest.raises(EngineError, match=r"^x\.bin: compressed byte \d+: the gzip stream ends early$"):
        read(gzip.compress(pcap(SEED))[cut])


def test_damaged_gzip_is_refused() -> None:
    data = bytearray(gzip.compress(pcap(SEED)))
    data[12:40] = b"\xff" * 28
    with pytest.raises(EngineError, match="the gzip stream is damaged"):
        read(bytes(data))


class Meter(io.BytesIO):
    """A stream that remembers how much was asked of it at once, and how much in all."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        self.largest = max(self.largest, size)
        return super().read(size)


def test_a_stream_is_read_as_it_is_asked_for() -> None:
    many = [tcp(f"10.0.{n >> 8}.{n & 255}:4000", "203.0.113.80:80").syn() for n in range(12000)]
    stream = Meter(pcap(*many))
    reading = read_evidence("large.pcap", stream)
    first = next(iter(reading.records))
    assert isinstance(first, Packet)
    assert stream.largest <= 1 << 18
    assert stream.tell() <= 1 << 18 < len(stream.getvalue())
