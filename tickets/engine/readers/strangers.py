"""Files that are often handed in and cannot be read: what each is, and what to give instead."""

from __future__ import annotations

from typing import NamedTuple


class Stranger(NamedTuple):
    """A kind of file, by the bytes that stand at a fixed place in it."""

    place: int
    sign: bytes
    said: str


def _archive(kind: str) -> str:
    """An archive may hold many files, and files that are named to do harm: it is not opened."""
    return f"this is a {kind} archive: unpack it, and hand in the files that it holds (gzip is read as it is)"


TRACE = "this is a Windows trace (.etl): convert it (etl2pcapng, or tracerpt for events), and hand in what comes out"
PICTURE = "this is a picture: evidence is the log or the capture itself, so export that as text, JSON or pcap"
STRANGERS = (
    Stranger(0, b"PK\x03\x04", _archive("zip")),
    Stranger(0, b"7z\xbc\xaf\x27\x1c", _archive("7z")),
    Stranger(0, b"Rar!", _archive("rar")),
    Stranger(0, b"\xfd7zXZ", _archive("xz")),
    Stranger(0, b"BZh", _archive("bzip2")),
    Stranger(0, b"\x28\xb5\x2f\xfd", _archive("zstd")),
    Stranger(257, b"ustar", _archive("tar")),
    Stranger(
        0,
        b"ElfFile\0",
        "this is a Windows event log (.evtx): export it as XML (wevtutil qe FILE /lf:true) or as JSON, and hand that in",
    ),
    # A buffer's header of 72 bytes, then the trace's own: version 2, for 32 or 64 bits, and a marker (Windows, evntrace.h).
    Stranger(72, b"\x02\x00\x01\xc0", TRACE),
    Stranger(72, b"\x02\x00\x02\xc0", TRACE),
    Stranger(
        0, b"%PDF-", "this is a PDF document: export the log or the capture itself, as text, JSON or pcap"
    ),
    Stranger(0, b"\x89PNG\r\n\x1a\n", PICTURE),
    Stranger(0, b"\xff\xd8\xff", PICTURE),
    Stranger(
        0,
        b"SQLite format 3\0",
        "this is a SQLite database: export its table as JSON or text, and hand that in",
    ),
    # nfdump's nffile.h: 0xA50C, in the order of the machine that wrote it.
    Stranger(
        0, b"\x0c\xa5", "this is nfdump's own file: print it (nfdump -r FILE -o json), and hand that in"
    ),
)


def told_of(head: bytes) -> str | None:
    """What to say of a file that begins so; None where it is none of these."""
    return next((known.said for known in STRANGERS if head.startswith(known.sign, known.place)), None)
