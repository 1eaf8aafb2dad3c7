"""Evidence files become a frozen bundle: the same files and notes are the same bundle.

What is stored here is shown to trainees, so nothing of a verdict comes near it, and a file's own
name (`beacon.pcap`) never does either.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, islice
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from tickets.engine import (
    EngineError,
    EvidenceFile,
    Numbered,
    Reading,
    RecordSummary,
    RelativeNumbers,
    community_id_of,
    read_evidence,
    summarise,
)
from tickets.models import EvidenceBundle, EvidenceRecord
from tickets.models import EvidenceFile as StoredFile

T = TypeVar("T")

# More cannot be looked through by a person, and each is a row.
MAX_RECORDS = 200_000
BATCH = 500

# Of the records that share a place so many are told; a tunnel may be nested, and a line hold a list.
MAX_TOLD = 8

# What a bundle is called while it is being written. No hash looks like it.
PROVISIONAL = "unfinished-"

# The records of the author's notes are called `context:1` and on.
CONTEXT = "context"

# What a file is called once it is evidence, by the format that its content shows.
NEUTRAL_NAMES = {
    "pcap": "capture.pcap",
    "pcapng": "capture.pcapng",
    "suricata.eve": "eve.json",
    "suricata.fast": "fast.log",
    "snort.fast": "alert_fast.txt",
    "snort.full": "alert_full.txt",
    "snort.csv": "alert.csv",
    "snort.json": "alert.json",
    "zeek.conn": "conn.log",
    "zeek.dns": "dns.log",
    "zeek.http": "http.log",
    "zeek.ssl": "ssl.log",
    "zeek.ssh": "ssh.log",
    "zeek.notice": "notice.log",
    "zeek.logs": "zeek.log",
    "cisco.asa": "firewall.log",
    "cowrie": "honeypot.json",
    "dionaea.cef": "honeypot.log",
    "dionaea.hpfeeds": "honeypot.json",
    "dionaea.json": "honeypot.json",
    "dionaea.mhn": "honeypot.log",
    "dionaea.tree": "honeypot.log",
    "fortinet": "firewall.log",
    "honeytrap": "honeypot.json",
    "netfilter": "firewall.log",
    "paloalto": "firewall.csv",
    "pf.filterlog": "firewall.log",
    "tpot": "honeypot.json",
    "openssh": "auth.log",
    "cef": "events.cef",
    "leef": "events.leef",
    "ecs": "events.json",
    "splunk.cim": "events.json",
    "ocsf": "events.json",
    "windows.firewall": "pfirewall.log",
    "windows.security": "security.log",
    "argus": "flows.csv",
    "aws.vpc": "flows.log",
    "azure.flow": "flows.json",
    "gcp": "cloud.json",
    "ipfix": "flows.json",
    "nfdump.csv": "flows.csv",
    "nfdump.json": "flows.json",
    "nfdump.line": "flows.txt",
}


def store_bundle(files: Sequence[EvidenceFile], notes: Sequence[str]) -> EvidenceBundle:
    """Store files and context notes with all their records, or find the bundle that holds just these.

    The records of a large capture take a minute to write. So a bundle is written under a provisional name
    in many short transactions, between which others save and submit (SQLite lets one write at a time), and
    gets its hash, by which it is found, when it is whole.

    Raises EngineError for a file that cannot be read or that holds too many records; then nothing is
    kept. A record that cannot be read is no error: it is kept among the file's problems.
    """
    stored = files_of(files, notes)
    sha256 = hash_bundle(stored)
    whole = EvidenceBundle.objects.filter(sha256=sha256).first()
    return whole or _store_whole(sha256, stored, notes)


def _store_whole(sha256: str, stored: Sequence[EvidenceFile], notes: Sequence[str]) -> EvidenceBundle:
    bundle = EvidenceBundle.objects.create(sha256=f"{PROVISIONAL}{uuid.uuid4().hex}")
    try:
        for position, file in enumerate(stored, start=1):
            _store_file(bundle, position, file, notes)
        bundle.sha256 = sha256
        with transaction.atomic():
            bundle.save(update_fields=["sha256"])
    except IntegrityError:  # somebody stored the same at the same time
        bundle.delete()
        return EvidenceBundle.objects.get(sha256=sha256)
    except EngineError:
        bundle.delete()
        raise
    return bundle


def delete_unfinished_bundles() -> int:
    """Delete what a worker that died was writing, a day later. Returns how many bundles."""
    unfinished = EvidenceBundle.objects.filter(
        sha256__startswith=PROVISIONAL, created_at__lt=Now() - timedelta(days=1)
    )
    return sum(bool(bundle.delete()) for bundle in unfinished)


def load_files(bundle: EvidenceBundle) -> list[EvidenceFile]:
    """The bundle's files as the engine takes them, without the author's notes."""
    return evidence_among(bundle.files.order_by("position"))


def evidence_among(files: Iterable[StoredFile]) -> list[EvidenceFile]:
    """Stored files as the engine takes them: the author's notes are no evidence."""
    return [EvidenceFile(name=file.name, data=bytes(file.data)) for file in files if file.format != CONTEXT]


def name_neutrally(files: Iterable[EvidenceFile]) -> list[EvidenceFile]:
    """The same contents under names that say what kind of file it is and nothing else.

    Raises EngineError for a file of no known kind, naming it as its owner does.
    """
    seen: Counter[str] = Counter()
    renamed = []
    for file in files:
        name = NEUTRAL_NAMES.get(read_evidence(file.name, file.data).format, "evidence.log")
        seen[name] += 1
        renamed.append(EvidenceFile(name=_numbered(name, seen[name]), data=file.data))
    return renamed


def visible(text: str) -> str:
    """Text as both databases store it and a page may show it: control and bidi characters are spelled out.

    PostgreSQL takes neither NUL nor a lone surrogate, and an override of the writing direction could make
    an address look like another.
    """
    return _TO_SPELL.sub(_spell, text)


def visible_values(value: object) -> object:
    """A JSON value with every text in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(str(key)): visible_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [visible_values(item) for item in value]
    return value


# Control characters but for the new line and the tab, marks without width or of the writing direction, lone surrogates.
_TO_SPELL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


def _spell(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0xA0 else f"\\u{code:04x}"


def _numbered(name: str, count: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return name if count == 1 else f"{stem}-{count}{dot}{suffix}"


def files_of(files: Sequence[EvidenceFile], notes: Sequence[str]) -> list[EvidenceFile]:
    """What a bundle holds: the evidence, and the author's notes as a file of their own."""
    return [*files, *_context_file(notes)]


def _context_file(notes: Sequence[str]) -> list[EvidenceFile]:
    lines = [" ".join(note.split()) for note in notes]
    return [EvidenceFile(name=CONTEXT, data="\n".join(lines).encode())] if lines else []


def hash_bundle(files: Sequence[EvidenceFile]) -> str:
    """The hash by which a bundle of these files is found, over their names and their own hashes."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{hashlib.sha256(file.data).hexdigest()}\n".encode())
    return digest.hexdigest()


def _store_file(bundle: EvidenceBundle, position: int, file: EvidenceFile, notes: Sequence[str]) -> None:
    stored = StoredFile(
        bundle=bundle,
        position=position,
        name=file.name,
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        data=file.data,
    )
    if file.name == CONTEXT:
        stored.format = CONTEXT
        stored.save()
        _store_records(_note_rows(stored, notes))
        return
    reading = read_evidence(file.name, file.data)
    stored.format = reading.format
    stored.save()
    room = MAX_RECORDS - EvidenceRecord.objects.filter(bundle=bundle).count()
    rows = (_row(stored, summary, numbered) for summary, numbered in _one_a_place(_summaries(reading)))
    _store_records(_at_most(room, rows, file.name))
    # A reader knows its problems only once its records have been read.
    stored.problems = [visible(f"{problem.place}: {problem.problem}") for problem in reading.problems]
    stored.save(update_fields=["problems"])


def _summaries(reading: Reading) -> Iterator[tuple[RecordSummary, Numbered]]:
    relative = RelativeNumbers()
    return ((summarise(record), relative.number(record)) for record in reading.records)


def _one_a_place(
    summaries: Iterator[tuple[RecordSummary, Numbered]],
) -> Iterator[tuple[RecordSummary, Numbered]]:
    """A place that holds several records (a tunnel's packet and the one inside, a decoy's attack and the conversation
    that it opened because of it) is one row: a record is cited by its place. The row is the first's and tells the
    others."""
    for _, alike in groupby(summaries, key=lambda pair: pair[0].number):
        (first, numbered), *others = islice(alike, MAX_TOLD)
        told = (f"{item.protocol.upper()} {item.src} to {item.dst}: {item.info}" for item, _ in others)
        yield replace(first, info="; ".join((first.info, *told))) if others else first, numbered


def _at_most(room: int, rows: Iterator[EvidenceRecord], name: str) -> Iterator[EvidenceRecord]:
    for count, row in enumerate(rows, start=1):
        if count > room:
            raise EngineError(
                f"The evidence of one ticket may hold {MAX_RECORDS:,} records; cut the capture to what it needs.",
                file=name,
                place=f"record {count:,}",
            )
        yield row


def _store_records(rows: Iterator[EvidenceRecord]) -> None:
    """Batch by batch, so that the rows of a large capture are never all in memory."""
    while batch := list(islice(rows, BATCH)):
        EvidenceRecord.objects.bulk_create(batch)


def _note_rows(file: StoredFile, notes: Sequence[str]) -> Iterator[EvidenceRecord]:
    for number, note in enumerate(notes, start=1):
        text = visible(" ".join(note.split()))
        yield EvidenceRecord(
            bundle_id=file.bundle_id,
            file=file,
            number=number,
            kind=CONTEXT,
            source=CONTEXT,
            info=text,
            raw=text,
        )


def _row(file: StoredFile, summary: RecordSummary, numbered: Numbered) -> EvidenceRecord:
    detail: dict[str, object] = {visible(name): visible(value) for name, value in summary.detail.items()}
    if summary.dump:
        detail["hex"] = "\n".join(summary.dump)
    return EvidenceRecord(
        bundle_id=file.bundle_id,
        file=file,
        number=summary.number,
        kind=summary.kind.value,
        source=summary.source,
        time_ns=summary.time_ns,
        protocol=summary.protocol.value,
        src_ip=summary.src.ip,
        src_port=summary.src.port,
        dst_ip=summary.dst.ip,
        dst_port=summary.dst.port,
        flags=summary.flags,
        length=summary.length,
        seq=numbered.seq,
        ack=numbered.ack,
        conversation=community_id_of(summary.protocol, summary.src, summary.dst),
        info=visible(summary.info),
        detail=detail,
        raw=visible(summary.raw),
    )
