"""Uploads of any size cost bounded disk: the rest of a file over the limit is read and dropped.

A form finds the file's true size in `file.size` and refuses it by name (`settings.UPLOAD_MAX_BYTES`).
A view that forgets to look gets no truncated evidence: reading such a file answers 400.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


# Django's class is generic to mypy only.
class OverLimitUpload(UploadedFile):  # type: ignore[type-arg]
    """A file that was larger than the limit: name and true size, no content."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        limit_mib = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise RequestDataTooBig(f"The file {self.name!r} is larger than the limit of {limit_mib} MiB.")

    read = chunks = open = __iter__ = multiple_chunks = _refuse


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Writes a file to the temporary folder up to UPLOAD_MAX_BYTES, then only counts."""

    is_over_limit = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.is_over_limit = False
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.is_over_limit = self.is_over_limit or start + len(raw_data) > settings.UPLOAD_MAX_BYTES
        if not self.is_over_limit:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if not self.is_over_limit:
            return super().file_complete(file_size)
        self.file.close()
        return OverLimitUpload(file=None, name=self.file_name, content_type=self.content_type, size=file_size)
