"""Evidence: files frozen by content hash, and the records read from them.

What stands here is shown to trainees: it is what a sensor printed, never what the engine concluded.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified, one_of

RECORD_KINDS = ("packet", "flow", "ids", "firewall", "honeypot", "host", "context")


class EvidenceBundle(Identified):
    """A set of files that never changes. `sha256` is taken over the names and hashes of its files."""

    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"evidence {self.sha256[:12]}"


class EvidenceFile(Identified):
    bundle = models.ForeignKey(EvidenceBundle, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    # The reader that knew it ("pcap", "suricata.eve" ...); "context" for the author's notes.
    format = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # In the database, so that a row without its file and a file without its row cannot exist.
    data = models.BinaryField()
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["bundle", "position"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "name"], name="one_file_per_name_and_bundle"),
        ]

    def __str__(self) -> str:
        return self.name


class EvidenceRecord(Identified):
    """One packet or log line as a row of the desk: addresses as printed, never corrected."""

    bundle = models.ForeignKey(EvidenceBundle, on_delete=models.CASCADE, related_name="records")
    file = models.ForeignKey(EvidenceFile, on_delete=models.CASCADE, related_name="records")
    number = models.PositiveIntegerField(help_text=_("packet or line number, from 1"))
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in RECORD_KINDS])
    source = models.CharField(max_length=40, blank=True)
    time_ns = models.BigIntegerField(null=True, blank=True)
    protocol = models.CharField(max_length=10, blank=True)
    src_ip = models.CharField(max_length=64, blank=True)
    src_port = models.PositiveIntegerField(null=True, blank=True)
    dst_ip = models.CharField(max_length=64, blank=True)
    dst_port = models.PositiveIntegerField(null=True, blank=True)
    flags = models.CharField(max_length=12, blank=True)
    # A flow record may count more than two gigabytes.
    length = models.PositiveBigIntegerField(null=True, blank=True)
    # TCP's numbers counted from each side's beginning (tickets.engine.RelativeNumbers).
    seq = models.PositiveBigIntegerField(null=True, blank=True)
    ack = models.PositiveBigIntegerField(null=True, blank=True)
    # The Community ID of its printed ends: the same in every sensor's record of a conversation, and both ways.
    conversation = models.CharField(max_length=40, blank=True)
    info = models.TextField(blank=True)
    # Name and value pairs and, for packets, a hex dump: shown when the row is opened.
    detail = models.JSONField(default=dict, blank=True)
    raw = models.TextField(blank=True)

    class Meta:
        ordering = ["file", "number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="one_record_per_place"),
            one_of("kind", RECORD_KINDS, name="evidence_record_kind_known"),
        ]
        indexes = [
            models.Index(fields=["bundle", "kind", "number"], name="evidence_record_tab"),
            models.Index(fields=["bundle", "conversation"], name="evidence_record_conversation"),
        ]

    def __str__(self) -> str:
        # Never its text: a stranger wrote that, and it may be a megabyte.
        return f"{self.kind} {self.number}"
