"""What an author hands in, as one form whose faults are all told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions.uploads import hand_in_files, measure_used
from tickets.models import EvidenceUpload, User
from tickets.tasks.uploads import Handed, UploadError, read_alert_line, read_context_text, read_rule

MAX_FILES = 8

CONTEXT_EXAMPLE = """\
variables:
  HOME_NET: [10.20.0.0/16]
  EXTERNAL_NET: ["!$HOME_NET"]
notes:
  - 10.20.30.40 is a workstation of the office network.
  - No authorised test is on the list.
inputs:
  auth: {value: no, notes: [2]}
  role: {value: work, notes: [1]}
  mal: n
  origin: int
  evid: none
"""


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files under one name; every one is looked at, and every fault is told."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [file for file in (data or []) if file]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        problems = [problem for file in files if (problem := self._problem_of(file))]
        if len(files) > MAX_FILES:
            problems.append(
                gettext("%(count)s files were chosen; a ticket's evidence is at most %(most_files)s.")
                % {"count": len(files), "most_files": MAX_FILES}
            )
        if problems:
            raise forms.ValidationError(problems)
        return files

    def _problem_of(self, file: UploadedFile[Any]) -> str:
        """Size first: a file over the limit has no content here to look at."""
        size = file.size or 0
        if size > settings.UPLOAD_MAX_BYTES:
            return gettext("%(name)s is %(size)s; the limit is %(limit)s for each file.") % {
                "name": file.name,
                "size": _mib(size),
                "limit": _mib(settings.UPLOAD_MAX_BYTES),
            }
        return ""


class UploadForm(forms.ModelForm[EvidenceUpload]):
    # Whose room it takes; the admin makes a class of its own for each request, and says so there.
    owner: User

    # Its name hides nothing: the metaclass moves fields away, and `files` of a bound form stays Django's.
    files = ManyFilesField(  # type: ignore[assignment]
        label=_("Captures and logs"),
        error_messages={"required": _("Choose at least one capture or log.")},
        widget=ManyFilesInput(attrs={"multiple": True}),
    )
    rule_text = forms.CharField(
        label=_("Rule"),
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "class": "code", "spellcheck": "false"}),
        help_text=(
            _("The one rule that fired, in Suricata's language. Without it the intent is not marked.")
        ),
    )
    context_text = forms.CharField(
        label=_("Context"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 13, "class": "code", "spellcheck": "false", "placeholder": CONTEXT_EXAMPLE}
        ),
        help_text=(
            _(
                "YAML, all of it optional. Notes are shown to trainees; inputs never are. What is not stated is "
                "not known, and a disposition that hangs on it is not marked."
            )
        ),
    )

    class Meta:
        model = EvidenceUpload
        fields = ["title", "severity", "sensor", "statement", "alert_line", "rule_text", "context_text"]
        widgets = {
            "statement": forms.Textarea(attrs={"rows": 3}),
            "alert_line": forms.TextInput(
                attrs={
                    "class": "code",
                    "placeholder": "tcp 203.0.113.80:80 -> 10.20.30.40:3932",
                    "spellcheck": "false",
                }
            ),
        }
        labels = {"statement": _("Statement"), "alert_line": _("Alert")}
        help_texts = {
            "title": _("Trainees read it in their queue: it must not give the answer away."),
            "severity": _("As the sensor prints it."),
            "sensor": _("Where the alert comes from, in words."),
            "statement": _("What the trainee is told at the start."),
            "alert_line": (
                _(
                    "Protocol, source, arrow, destination, as printed. Leave it blank to take the first alert "
                    "record of an EVE file."
                )
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = _mib(settings.UPLOAD_MAX_BYTES)
        self.fields["files"].help_text = gettext(
            "pcap or pcapng, Suricata, Snort and Zeek, flow records, firewall, honeypot, host and cloud logs: up to %(most_files)s files of %(limit)s each. They are known by what they hold, and trainees see them under neutral names. %(use)s"
        ) % {"most_files": MAX_FILES, "limit": limit, "use": self._told_use()}

    def _told_use(self) -> str:
        used = measure_used(self.owner)
        return gettext("Your uploads hold %(size)s of %(room)s, in %(files)s of %(most_files)s files.") % {
            "size": _mib(used.size),
            "room": _mib(settings.UPLOAD_QUOTA_BYTES),
            "files": used.files,
            "most_files": settings.UPLOAD_QUOTA_FILES,
        }

    def clean_files(self) -> list[UploadedFile[Any]]:
        """Read the files' beginnings; the whole is read in the background."""
        files: list[UploadedFile[Any]] = self.cleaned_data["files"]
        self.evidence, problems = hand_in_files((file.name or "", file.read()) for file in files)
        if problems:
            raise forms.ValidationError(list(problems))
        self._require_room(files)
        return files

    def _require_room(self, files: list[UploadedFile[Any]]) -> None:
        used = measure_used(self.owner, hold=True)
        size = sum(file.size or 0 for file in files)
        is_full = used.files + len(files) > settings.UPLOAD_QUOTA_FILES
        if is_full or used.size + size > settings.UPLOAD_QUOTA_BYTES:
            these = gettext("This file is %(size)s.") % {"size": _mib(size)}
            if len(files) > 1:
                these = gettext("These %(count)s files are %(size)s together.") % {
                    "count": len(files),
                    "size": _mib(size),
                }
            raise forms.ValidationError(
                gettext(
                    "There is no room for this. %(use)s %(these)s Discard uploads that failed, or ask the administrator for more room."
                )
                % {"use": self._told_use(), "these": these}
            )

    def clean_alert_line(self) -> str:
        return self._checked("alert_line", read_alert_line)

    def clean_rule_text(self) -> str:
        return self._checked("rule_text", read_rule)

    def clean_context_text(self) -> str:
        return self._checked("context_text", read_context_text)

    def handed(self) -> Handed:
        """What was handed in, once the form is valid."""
        given = {name: self.cleaned_data[name] for name in UploadForm.Meta.fields}
        return Handed(files=tuple(self.evidence), **given)

    def _checked(self, name: str, read: Callable[[str], object]) -> str:
        text: str = self.cleaned_data[name]
        try:
            if text.strip():
                read(text)
        except UploadError as error:
            raise forms.ValidationError(list(error.problems)) from error
        return text


def _mib(size: int) -> str:
    """A size as people read it."""
    mib = size / (1024 * 1024)
    if mib >= 1:
        return f"{mib:.0f} MiB" if mib >= 10 or mib.is_integer() else f"{mib:.1f} MiB"
    return f"{size / 1024:.0f} KiB" if size >= 1024 else f"{size} bytes"
