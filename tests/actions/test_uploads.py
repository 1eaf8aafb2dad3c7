from __future__ import annotations

import pytest

from tests import factories as make
from tests.tasks.test_uploads import handed
from tickets.actions.uploads import hand_in_files, receive_upload
from tickets.models import AnalysisJob, EvidenceUpload, UploadedFile


def test_files_of_one_name_are_kept_apart() -> None:
    data = make.make_capture()
    files, problems = hand_in_files([("a.pcap", data), ("a.pcap", data)])
    assert [file.name for file in files] == ["a.pcap", "a.pcap (2)"]
    assert problems == []


@pytest.mark.django_db
def test_an_upload_is_kept_with_its_files_and_a_job() -> None:
    upload = receive_upload(handed(), make.make_instructor())
    assert upload.state == EvidenceUpload.State.WAITING
    assert bytes(UploadedFile.objects.get(upload=upload).data) == make.make_capture()
    assert AnalysisJob.objects.get(upload=upload).state == "pending"
