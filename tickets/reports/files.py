"""A ticket's evidence as files to take away: the very bytes that were frozen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tickets.models import EvidenceFile, Ticket, Variant

# What a file is called to a browser, by the end of its name. All of it is saved, none of it is shown.
CONTENT_TYPES = {
    "pcap": "application/vnd.tcpdump.pcap",
    "pcapng": "application/vnd.tcpdump.pcap",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ServedFile:
    file: EvidenceFile
    count: int

    @property
    def problems(self) -> list[str]:
        return [str(problem) for problem in self.file.problems]


def list_files(variant: Variant) -> list[ServedFile]:
    """The files with the number of their records, in one query and without their bytes."""
    files = EvidenceFile.objects.filter(bundle=variant.bundle_id).defer("data").order_by("position")
    return [ServedFile(file, file.count) for file in files.annotate(count=Count("records"))]


def find_file(variant: Variant, file_id: UUID) -> EvidenceFile | None:
    """A file of this ticket's evidence with its bytes; None for any other."""
    return EvidenceFile.objects.filter(bundle=variant.bundle_id, pk=file_id).first()


def download_name(ticket: Ticket, file: EvidenceFile) -> str:
    """`T-7K2QX9-capture.pcap`: the files of two tickets do not overwrite each other."""
    name = file.name if "." in file.name else f"{file.name}.txt"
    safe = "".join(character if character.isalnum() or character in "._-" else "_" for character in name)
    return f"{ticket.code}-{safe}"


def content_type(file: EvidenceFile) -> str:
    return CONTENT_TYPES.get(file.name.rpartition(".")[2].lower(), PLAIN_TEXT)
