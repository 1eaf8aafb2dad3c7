"""From a claimed job to an analysed upload, or to an author who is told what is wrong with it."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from tickets.actions.jobs import finish
from tickets.actions.uploads import UploadError, record_analysis, refuse_upload
from tickets.models import AnalysisJob


def analyse_upload(job: AnalysisJob) -> None:
    """Analyse the job's upload once. What is wrong with the upload itself would be wrong again: the job is done.

    Raises LeaseLostError, or whatever the engine raises; then nothing was stored.
    """
    upload = job.upload
    try:
        record_analysis(upload, hold=partial(finish, job))
    except UploadError as error:
        with transaction.atomic():
            finish(job)
            refuse_upload(upload, error)
