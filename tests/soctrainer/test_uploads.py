from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import LazySettings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import include, path

from soctrainer.uploads import OverLimitUpload

BOUNDARY = "soc-trainer-test"
LIMIT = 25 * 1024 * 1024


class EvidenceForm(forms.Form):
    note = forms.CharField()
    capture = forms.FileField()


def receive(request: HttpRequest) -> JsonResponse:
    form = EvidenceForm(request.POST, request.FILES)
    assert form.is_valid(), form.errors
    capture: UploadedFile[Any] = form.cleaned_data["capture"]
    return JsonResponse({"size": capture.size, "note": form.cleaned_data["note"]})


def read(request: HttpRequest) -> JsonResponse:
    capture = request.FILES["capture"]
    assert isinstance(capture, UploadedFile)
    return JsonResponse({"size": len(capture.read())})


urlpatterns = [path("receive/", receive), path("read/", read), path("", include("soctrainer.urls"))]

pytestmark = pytest.mark.urls(__name__)


class Upload:
    """A form as a browser sends it, its file made piece by piece as the server reads it."""

    def __init__(self, size: int) -> None:
        part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
        head = f'{part}capture"; filename="big.pcap"\r\nContent-Type: application/octet-stream\r\n\r\n'
        tail = f'\r\n{part}note"\r\n\r\nafter the file\r\n--{BOUNDARY}--\r\n'
        self.length = len(head) + size + len(tail)
        self._pieces = self._make(head.encode(), size, tail.encode())
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "nobody may ask for the whole body at once"
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        given, self._held = self._held[:size], self._held[size:]
        return given

    def readline(self, size: int = -1) -> bytes:
        raise AssertionError("a form is read in pieces, not in lines")

    @staticmethod
    def _make(head: bytes, size: int, tail: bytes) -> Iterator[bytes]:
        yield head
        block = bytes(1024 * 1024)
        for _ in range(size // len(block)):
            yield block
        yield block[: size % len(block)] + tail


def post(client: Client, where: str, size: int) -> Any:
    upload = Upload(size)
    return client.generic(
        "POST",
        where,
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH=str(upload.length),
        **{"wsgi.input": upload},  # type: ignore[arg-type]
    )


@pytest.fixture
def temporary(tmp_path: Path, settings: LazySettings) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def test_a_file_at_the_limit_arrives_whole(client: Client, temporary: Path) -> None:
    assert post(client, "/receive/", LIMIT).json() == {"size": LIMIT, "note": "after the file"}
    assert post(client, "/read/", 3).json() == {"size": 3}


def test_of_300_mb_at_most_the_limit_reaches_the_disk_and_the_form_learns_the_true_size(
    client: Client, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    make_file = tempfile.NamedTemporaryFile

    def watch(*args: object, **kwargs: object) -> object:
        file = make_file(*args, **kwargs)  # type: ignore[call-overload]
        write = file.write

        def count(data: bytes) -> int:
            nonlocal written
            written += len(data)
            return int(write(data))

        file.write = count
        return file

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", watch)
    size = 300_000_000
    assert post(client, "/receive/", size).json() == {"size": size, "note": "after the file"}
    assert 0 < written <= LIMIT
    assert list(temporary.iterdir()) == []


def test_a_view_that_forgets_the_limit_answers_400_and_never_sees_half_a_file(
    client: Client, temporary: Path
) -> None:
    assert post(client, "/read/", LIMIT + 1).status_code == 400


def test_reading_a_file_over_the_limit_names_the_file_and_the_limit() -> None:
    upload = OverLimitUpload(file=None, name="big.pcap", size=LIMIT + 1)
    uses: list[Callable[[], object]] = [upload.read, upload.chunks, upload.open, lambda: list(upload)]
    for use in uses:
        with pytest.raises(RequestDataTooBig, match=r"'big.pcap' is larger than the limit of 25 MiB"):
            use()
