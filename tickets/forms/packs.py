"""A scenario file that an author hands in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.engine import EvidenceFile
from tickets.forms.uploads import ManyFilesField, ManyFilesInput

# A scenario file has a few thousand characters; what reading takes is far above that.
MAX_BYTES = 1024 * 1024


class PackForm(forms.Form):
    """`cleaned_data["pack"]` is the file's name and its text, byte for byte; `evidence` what stood beside it."""

    pack = forms.FileField(
        label=_("Scenario file"), widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"})
    )

    evidence = ManyFilesField(
        label=_("Evidence"),
        required=False,
        widget=ManyFilesInput(attrs={"multiple": True}),
        help_text=_("The files that the key evidence names; none where a story makes them."),
    )

    def clean_evidence(self) -> list[EvidenceFile]:
        files: list[UploadedFile[Any]] = self.cleaned_data["evidence"]
        return [EvidenceFile(name=file.name or "", data=file.read()) for file in files]

    def clean_pack(self) -> tuple[str, str]:
        file: UploadedFile[Any] = self.cleaned_data["pack"]
        name = file.name or gettext("the file")
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                gettext("%(name)s has more than %(limit)s KiB: this is no scenario file.")
                % {"name": name, "limit": MAX_BYTES // 1024}
            )
        try:
            return name, file.read().decode()
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                gettext("%(name)s: byte %(byte)s is not UTF-8 text.")
                % {"name": name, "byte": error.start + 1}
            ) from None
