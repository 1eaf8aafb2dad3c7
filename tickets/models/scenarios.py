"""Scenarios, their versions, and the variants that trainees are given.

The words that would give a ticket away (the author's inputs, the accepted dispositions, the
seed, the verdict) are not here but in `truth.py`.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.skills import Skill, skills_met

from .evidence import EvidenceBundle
from .identity import Identified, one_of
from .users import User


class Severity(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def open_to(self, user: User) -> ScenarioQuerySet:
        """What an instructor may set: the shared scenarios and those that he or she wrote."""
        if user.is_superuser:
            return self
        return self.filter(models.Q(owner=None) | models.Q(owner=user))


class Scenario(Identified):
    slug = models.SlugField(max_length=80, unique=True)
    family = models.CharField(
        max_length=8, blank=True, help_text=_("its family in the catalogue, if it has one")
    )
    lesson = models.CharField(max_length=80, blank=True)
    level = models.CharField(max_length=20, blank=True)
    # None: ships with the product and is open to every instructor.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="scenarios"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def title(self) -> str:
        """As people call it: the title of its newest version."""
        newest = self.versions.first()
        return newest.title if newest else self.slug


class ScenarioVersion(Identified):
    """What the author wrote, as trainees see it. A published version does not change: an edit is a new one."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=160)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MEDIUM)
    sensor = models.CharField(max_length=80, blank=True)
    statement = models.TextField(blank=True, help_text=_("what the trainee is told, in a few sentences"))
    rule_text = models.TextField(help_text=_("the rule that fired, in Suricata's language"))
    rule_reads = models.TextField(blank=True, help_text=_("what the rule looks for, in plain words"))
    # Points by line of the rubric where they are not the usual ones, as `tickets.grading.read_weights` takes them.
    weights = models.JSONField(default=dict, blank=True)
    # Codes of `tickets.skills` of which its tickets give evidence; none: by family and lesson.
    skills = models.JSONField(default=list, blank=True)
    # Under which heading each of the author's notes stands (`tickets.packs.Section`), in the order of `context:1`, `context:2` ...
    headings = models.JSONField(default=list, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["scenario", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="one_version_per_number"),
            one_of("state", ["draft", "published", "retired"], name="scenario_version_state_known"),
            one_of("severity", Severity.values, name="scenario_version_severity_known"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    @property
    def skills_met(self) -> tuple[Skill, ...]:
        """The skills of which its tickets give evidence."""
        return skills_met(self.scenario.family, self.scenario.lesson, self.skills)

    def clean(self) -> None:
        """A published version is what trainees have worked: only its retirement may be noted."""
        if self._state.adding:
            return
        stored = ScenarioVersion.objects.get(pk=self.pk)
        frozen = (
            "title",
            "severity",
            "sensor",
            "statement",
            "rule_text",
            "rule_reads",
            "weights",
            "skills",
            "headings",
        )
        changed = [name for name in frozen if getattr(stored, name) != getattr(self, name)]
        if stored.state != self.State.DRAFT and changed:
            raise ValidationError(
                dict.fromkeys(changed, "A published version is frozen; make a new version.")
            )


class Variant(Identified):
    """One generated or uploaded instance of a scenario: frozen evidence, and the alert as printed."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        PASSED = "passed", _("passed its checks")
        FAILED = "failed", _("failed its checks")
        RETIRED = "retired", _("retired")
        BROKEN = "broken", _("broken")

    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="variants")
    bundle = models.ForeignKey(EvidenceBundle, on_delete=models.PROTECT, related_name="variants")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CANDIDATE)
    # Two variants of a version never show the same addresses, ports and times.
    surface_fingerprint = models.CharField(max_length=64)
    # The statement with this variant's values filled in; blank where the version's needs none.
    statement = models.TextField(blank=True)
    # What the rule's variables stand for on the sensor, {"HOME_NET": ["10.20.0.0/16"], ...}: an analyst can look it up.
    rule_variables = models.JSONField(default=dict, blank=True)
    alert_time = models.DateTimeField(null=True, blank=True)
    alert_protocol = models.CharField(max_length=10)
    alert_src_ip = models.CharField(max_length=64)
    alert_src_port = models.PositiveIntegerField()
    alert_dst_ip = models.CharField(max_length=64)
    alert_dst_port = models.PositiveIntegerField()
    alert_sid = models.PositiveBigIntegerField(null=True, blank=True)
    alert_message = models.CharField(max_length=255, blank=True)
    alert_action = models.CharField(max_length=40, blank=True)
    alert_category = models.CharField(max_length=120, blank=True)
    # The record that is the alert ("eve.json:2"), blank for an alert given by hand.
    alert_record = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    broken_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "surface_fingerprint"], name="one_variant_per_surface"
            ),
            one_of(
                "state", ["candidate", "passed", "failed", "retired", "broken"], name="variant_state_known"
            ),
        ]
        # What the queue is searched by. An address also by its beginning, for which PostgreSQL needs its own kind of index.
        indexes = [
            models.Index(fields=["alert_src_ip"], name="variant_source", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["alert_dst_ip"], name="variant_destination", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["alert_src_port"], name="variant_source_port"),
            models.Index(fields=["alert_dst_port"], name="variant_destination_port"),
            models.Index(fields=["alert_sid"], name="variant_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.version.title}: {self.alert_line}"

    @property
    def alert_line(self) -> str:
        """The alert as a console prints it, for example `tcp 203.0.113.80:80 -> 10.20.30.40:3932`."""
        return f"{self.alert_protocol} {self.alert_src} -> {self.alert_dst}"

    @property
    def alert_src(self) -> str:
        return _endpoint(self.alert_src_ip, self.alert_src_port)

    @property
    def alert_dst(self) -> str:
        return _endpoint(self.alert_dst_ip, self.alert_dst_port)


def _endpoint(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
