"""Files that are no evidence as they are: told what they are, and what to hand in instead."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from tests.engine.readers.corpus import LOGS, SAMPLES
from tickets.engine.readers import read_evidence
from tickets.engine.readers.strangers import told_of
from tickets.engine.types import EngineError

LOG = LOGS["suricata.eve"]


def packed_tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("eve.json")
        member.size = len(LOG)
        archive.addfile(member, io.BytesIO(LOG))
    return stream.getvalue()


def packed_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("eve.json", LOG)
    return stream.getvalue()


ARCHIVES = {
    "zip": packed_zip(),
    "tar": packed_tar(),
    "bzip2": bz2.compress(LOG),
    "xz": lzma.compress(LOG),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(100),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_is_not_opened_and_its_kind_is_named(kind: str) -> None:
    for data in (ARCHIVES[kind], gzip.compress(ARCHIVES[kind])):
        with pytest.raises(EngineError, match=f"^evidence.log: this is a {kind} archive: unpack it"):
            read_evidence("evidence.log", data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"ElfFile\0" + bytes(120), r"a Windows event log \(.evtx\): export it as XML"),
        (
            b"\x00\x00\x01\x00" + bytes(68) + b"\x02\x00\x02\xc0" + bytes(50),
            r"a Windows trace \(.etl\): convert it",
        ),
        (b"%PDF-1.7\n" + LOG, "a PDF document: export the log"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a picture: evidence is the log"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "a picture: evidence is the log"),
        (b"SQLite format 3\0" + bytes(90), "a SQLite database: export its table"),
        (b"\x0c\xa5\x02\x00" + bytes(90), "nfdump's own file: print it"),
    ],
)
def test_another_kind_of_file_is_told_with_what_to_give_instead(data: bytes, told: str) -> None:
    with pytest.raises(EngineError, match=told):
        read_evidence("evidence.bin", data)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_evidence_is_taken_for_a_stranger(name: str) -> None:
    assert told_of(SAMPLES[name]) is None
