"""Evidence as trainees see it: frozen files and the records read from them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from tickets.models import EvidenceBundle, EvidenceFile, EvidenceRecord
from tickets.reports.spelling import spelled

from .base import TrainerAdmin, TrainerInline


class FileInline(TrainerInline):
    model = EvidenceFile
    fields = ("name", "format", "size", "record_count", "not_read", "sha256")
    readonly_fields = fields

    @admin.display(description="records")
    def record_count(self, file: EvidenceFile) -> int:
        return file.records.count()

    @admin.display(description=_("not read"))
    def not_read(self, file: EvidenceFile) -> str:
        return format_html_join("", "<div>{}</div>", ((problem,) for problem in file.problems)) or "nothing"


@admin.register(EvidenceBundle)
class EvidenceBundleAdmin(TrainerAdmin[EvidenceBundle]):
    list_display = ("__str__", "file_names", "created_at")
    search_fields = ("sha256", "files__name", "files__sha256")
    fields = ("sha256", "created_at")
    inlines = (FileInline,)

    @admin.display(description="files")
    def file_names(self, bundle: EvidenceBundle) -> str:
        return ", ".join(file.name for file in bundle.files.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceBundle]:
        return super().get_queryset(request).prefetch_related("files")


# Of a line of a megabyte a list shows the beginning.
SHORT = 200


@admin.register(EvidenceRecord)
class EvidenceRecordAdmin(TrainerAdmin[EvidenceRecord]):
    list_display = ("place", "kind", "protocol", "src", "dst", "flags", "short")
    list_filter = ("kind",)
    list_select_related = ("file",)
    search_fields = ("=src_ip", "=dst_ip", "info")
    fields = (
        "file",
        "number",
        "kind",
        "source",
        "time_ns",
        "protocol",
        "src",
        "dst",
        "flags",
        "length",
        "told",
        "line",
    )
    readonly_fields = ("src", "dst", "told", "line")

    @admin.display(description="record")
    def place(self, record: EvidenceRecord) -> str:
        return f"{record.file.name}:{record.number}"

    @admin.display(description="source")
    def src(self, record: EvidenceRecord) -> str:
        return _endpoint(record.src_ip, record.src_port)

    @admin.display(description="destination")
    def dst(self, record: EvidenceRecord) -> str:
        return _endpoint(record.dst_ip, record.dst_port)

    @admin.display(description="info", ordering="info")
    def short(self, record: EvidenceRecord) -> str:
        return spelled(record.info[:SHORT]) + ("…" if len(record.info) > SHORT else "")

    @admin.display(description="info")
    def told(self, record: EvidenceRecord) -> str:
        return spelled(record.info)

    @admin.display(description=_("as it stands in the file"))
    def line(self, record: EvidenceRecord) -> str:
        return format_html('<pre class="record">{}</pre>', spelled(record.raw))


def _endpoint(ip: str, port: int | None) -> str:
    if port is None:
        return ip
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
