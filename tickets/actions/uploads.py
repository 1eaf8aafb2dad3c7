"""Taking what an author hands in: a look at each file, then the rows that a background job analyses."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable

from django.db import transaction

from tickets.engine import EngineError, EvidenceFile, read_evidence
from tickets.models import AnalysisJob, AuditRecord, EvidenceUpload, UploadedFile, User
from tickets.tasks.evidence import visible
from tickets.tasks.uploads import Handed, UploadError
from tickets.tasks.wakeup import wake_relay


def check_file(name: str, data: bytes) -> None:
    """Look whether a file is evidence at all, without reading it to its end. Raises UploadError."""
    try:
        reading = read_evidence(name, data)
        first = next(iter(reading.records), None)
    except EngineError as error:
        raise UploadError(str(error)) from error
    if first is None:
        raise UploadError(
            *(str(problem) for problem in reading.problems[:3]), f"{name}: no record can be read."
        )


def hand_in_files(files: Iterable[tuple[str, bytes]]) -> tuple[list[EvidenceFile], list[str]]:
    """Files under names that differ, and the faults of those that are no evidence."""
    kept: list[EvidenceFile] = []
    problems: list[str] = []
    for name, data in files:
        name = _new_name(visible(name)[-100:] or "file", {file.name for file in kept})
        try:
            check_file(name, data)
        except UploadError as error:
            problems.extend(error.problems)
        kept.append(EvidenceFile(name=name, data=data))
    return kept, problems


def receive_upload(handed: Handed, owner: User) -> EvidenceUpload:
    """Keep what was handed in, and the job that will analyse it."""
    with transaction.atomic():
        upload = EvidenceUpload.objects.create(
            owner=owner,
            title=handed.title,
            severity=handed.severity,
            sensor=handed.sensor,
            statement=handed.statement,
            alert_line=handed.alert_line,
            rule_text=handed.rule_text,
            context_text=handed.context_text,
        )
        UploadedFile.objects.bulk_create(
            UploadedFile(
                upload=upload,
                position=position,
                name=file.name,
                size=len(file.data),
                sha256=hashlib.sha256(file.data).hexdigest(),
                data=file.data,
            )
            for position, file in enumerate(handed.files, start=1)
        )
        AnalysisJob.objects.create(upload=upload)
        AuditRecord.objects.record("upload.received", upload, actor=owner)
        wake_relay()
    return upload


def _new_name(name: str, taken: set[str]) -> str:
    numbers = itertools.count(2)
    wanted = name
    while wanted in taken:
        wanted = f"{name} ({next(numbers)})"
    return wanted
