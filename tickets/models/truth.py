"""What no trainee may see before the reveal: seeds, authors' inputs, verdicts.

These tables stand apart. No view, form or template imports this module (an import contract says
so), and no model points here with a reverse name, so that no query can wander in by accident.
What may be shown after grading is a snapshot in the grade.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified
from .scenarios import ScenarioVersion, Variant


class ScenarioKey(Identified):
    """What the author states because it is not on the wire, and which other dispositions earn credit."""

    version = models.OneToOneField(ScenarioVersion, on_delete=models.CASCADE, related_name="+")
    story = models.CharField(
        max_length=80, blank=True, help_text=_("the simulator's story; blank for an upload")
    )
    # The whole scenario as packs reads it, so that a variant made next year follows this version's text.
    source = models.TextField(blank=True, help_text=_("the scenario file; blank for an upload"))
    # {"auth": {"value": "in", "notes": [1]}, ...}: absent is unknown.
    inputs = models.JSONField(default=dict, blank=True)
    # {"HOME_NET": ["10.20.0.0/16"], ...}
    variables = models.JSONField(default=dict, blank=True)
    # A list of {"reason_code": "FP2", "credit": 1.0, "reason": "..."}
    accepted = models.JSONField(default=list, blank=True)
    next_steps = models.TextField(blank=True)
    # Techniques of MITRE ATT&CK and the version of its matrix: {"version": ..., "techniques": [...]}
    attack = models.JSONField(default=dict, blank=True)
    # Families that look alike and end otherwise.
    contrast = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("scenario key")

    def __str__(self) -> str:
        return f"key of {self.version_id}"


class VariantSeed(Identified):
    """The 128 secret bits from which a variant was generated: the engine is open, so a seed is an answer key."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, related_name="+")
    seed = models.CharField(max_length=32, help_text=_("16 bytes in hexadecimal"))
    simulator_version = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("variant seed")

    def __str__(self) -> str:
        return f"seed of {self.variant_id}"


class VariantGiven(Identified):
    """What the engine was given of a variant besides its files, kept so that it can be judged again as it was."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, related_name="+")
    # The alert in full, as the simulator or the author gave it; None where it is read from the evidence.
    alert = models.JSONField(null=True, blank=True)
    # The story's values for what the scenario's variables leave open: {"site_ip": "192.0.2.10", ...}.
    values = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("what a variant was judged with")
        verbose_name_plural = _("what variants were judged with")

    def __str__(self) -> str:
        return f"given with {self.variant_id}"


class VariantHints(Identified):
    """The three hints of a variant, its own addresses and names filled in. No page shows one before it is asked for."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, related_name="+")
    where = models.TextField(help_text=_("where to look"))
    what = models.TextField(help_text=_("which kind of record decides"))
    record = models.TextField(help_text=_("the record and the rule, not the answer"))

    class Meta:
        verbose_name = _("hints")
        verbose_name_plural = _("hints")

    def __str__(self) -> str:
        return f"hints of {self.variant_id}"


class VariantVerdict(Identified):
    """The engine's verdict on a variant's frozen evidence; a new engine version or a corrected key adds a row."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    engine_version = models.CharField(max_length=20)
    # The later version whose author's inputs it was held against; None: those of the variant's own.
    erratum = models.ForeignKey(
        ScenarioVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verdict = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("verdict")
        ordering = ["variant", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "engine_version"],
                condition=models.Q(erratum=None),
                name="one_verdict_per_engine_version",
            ),
            models.UniqueConstraint(
                fields=["variant", "engine_version", "erratum"], name="one_verdict_per_erratum"
            ),
        ]

    def __str__(self) -> str:
        return f"verdict of engine {self.engine_version}"


class VariantReport(Identified):
    """What the quality checks found before the variant could be served. It speaks of the truth, so it stands here."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, related_name="+")
    passed = models.BooleanField()
    # As `tickets.quality.report_to_plain` writes it.
    report = models.JSONField()
    # Equal in all variants of a version that one engine judged.
    lesson_fingerprint = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("quality report")
        ordering = ["variant"]

    def __str__(self) -> str:
        return f"quality report of {self.variant_id}"
