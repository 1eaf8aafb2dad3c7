"""Taking what an author hands in: a look at each file, then the rows that a background job analyses."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext

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
            *(str(problem) for problem in reading.problems[:3]),
            gettext("%(name)s: no record can be read.") % {"name": name},
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


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody's uploads hold together."""

    files: int
    size: int  # bytes


def measure_used(owner: User, *, hold: bool = False) -> Used:
    """How much is stored for an instructor. With `hold`, in a transaction, nobody else adds to it until that ends: two
    uploads at once do not both take the last room."""
    if hold:
        User.objects.select_for_update().get(pk=owner.pk)
    found = UploadedFile.objects.filter(upload__owner=owner).aggregate(files=Count("pk"), size=Sum("size"))
    return Used(found["files"], found["size"] or 0)


def discard_upload(upload: EvidenceUpload, by: User) -> None:
    """Away with an upload that could not be used, and its files: it became no evidence, so nothing rests on it.

    Raises UploadError for any other."""
    with transaction.atomic():
        upload = EvidenceUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.state != EvidenceUpload.State.FAILED:
            raise UploadError(gettext("%(title)s did not fail, so it stays.") % {"title": upload.title})
        AuditRecord.objects.record("upload.discarded", upload, actor=by)
        AnalysisJob.objects.filter(upload=upload).delete()
        upload.delete()


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
