"""What the two sides of a conversation said to each other, from the bytes of the capture, in the order of its packets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from tickets.engine import EngineError, dump_lines, read_payloads
from tickets.models import EvidenceFile, EvidenceRecord, Variant
from tickets.reports.conversations import Conversation, posts_of
from tickets.reports.rows import End, Row, read_rows

PAGE_SIZE = 50
# Of one packet so much is shown; a whole one may hold 64 KiB.
MAX_SHOWN = 4096
# A text may hold some bytes that are none; more of them, and hexadecimal reads better.
_MAX_STRANGE = 0.15
_PLAIN = frozenset([9, 10, 13, *range(0x20, 0x7F)])


@dataclass(frozen=True, slots=True)
class Turn:
    """One packet's payload. `is_repeated` says that its bytes were sent before; `cut` bytes are not shown."""

    row: Row
    text: str
    is_hex: bool
    is_repeated: bool
    cut: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """`file` is the capture that it is read from; `others` are further captures that hold the conversation."""

    conversation: Conversation
    posts: tuple[End, End]
    file: str
    others: list[str]
    turns: list[Turn]
    pages: int


def read_transcript(
    variant: Variant, conversation: Conversation | None, first_ns: int | None, page: int
) -> Transcript | None:
    """A page of what was said; None where no packet of the conversation carries any."""
    if conversation is None:
        return None
    said = EvidenceRecord.objects.filter(
        bundle=variant.bundle_id, kind="packet", conversation=conversation.id, length__gt=0
    )
    captures = list(
        said.order_by().values_list("file__name").annotate(count=Count("pk")).order_by("-count", "file__name")
    )
    if not captures:
        return None
    (name, count), *others = captures
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(page, pages)
    packets = said.filter(file__name=name).select_related("file").defer("file__data").order_by("number")
    posts = posts_of(variant, conversation)
    rows = list(
        read_rows(packets[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], variant, first_ns=first_ns, posts=posts)
    )
    spoken = _payloads(variant, name, frozenset(row.record.number for row in rows))
    reached = _reached_before(packets, rows) if page > 1 else {}
    return Transcript(
        conversation, posts, name, [other for other, _ in others], list(_turns(rows, spoken, reached)), pages
    )


def _payloads(variant: Variant, name: str, numbers: frozenset[int]) -> Mapping[int, bytes]:
    file = EvidenceFile.objects.get(bundle=variant.bundle_id, name=name)
    try:
        packets = read_payloads(name, bytes(file.data), numbers)
        return {packet.location.number: packet.payload for packet in packets}
    except EngineError:
        return {}


def _reached_before(packets: QuerySet[EvidenceRecord], rows: list[Row]) -> dict[End, int]:
    """How far each side had come by the packets of earlier pages, in relative sequence numbers."""
    if not rows:
        return {}
    before = packets.filter(~Q(seq=None), number__lt=rows[0].record.number)
    reached: dict[End, int] = {}
    for ip, port, seq, length in before.values_list("src_ip", "src_port", "seq", "length"):
        reached[ip, port] = max(reached.get((ip, port), 0), (seq or 0) + (length or 0))
    return reached


def _turns(rows: list[Row], spoken: Mapping[int, bytes], reached: dict[End, int]) -> Iterator[Turn]:
    for row in rows:
        record = row.record
        side: End = (record.src_ip, record.src_port)
        end = (record.seq or 0) + (record.length or 0)
        is_repeated = record.seq is not None and end <= reached.get(side, 0)
        reached[side] = max(reached.get(side, 0), end)
        payload = spoken.get(record.number, b"")
        text, is_hex = shown_bytes(payload[:MAX_SHOWN])
        yield Turn(
            row, text, is_hex, is_repeated, max(0, (record.length or 0) - min(len(payload), MAX_SHOWN))
        )


def shown_bytes(data: bytes) -> tuple[str, bool]:
    """Bytes as text, with `\\xff` for those that are none; as hexadecimal and ASCII (then True) where most are none."""
    strange = sum(byte not in _PLAIN for byte in data)
    try:
        text = data.decode("utf-8")
        strange = sum(character < " " and character not in "\t\n\r" for character in text)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "backslashreplace")
    if strange > _MAX_STRANGE * len(data):
        return "\n".join(dump_lines(data)), True
    return text.replace("\r\n", "\n"), False
