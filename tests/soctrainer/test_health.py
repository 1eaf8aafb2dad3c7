from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from tests.factories import make_submission
from tickets.models import GradeJob

pytestmark = pytest.mark.django_db


def test_healthz_says_that_the_process_lives_whatever_the_rest_does(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/healthz").status_code == 405


@pytest.mark.embedded
def test_readyz_is_ready_with_a_database_a_broker_and_no_job_that_waits(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "ok", "oldest_job_s": 0.0}


def test_a_job_that_nobody_takes_makes_the_site_unready_and_one_at_work_does_not(client: Client) -> None:
    make_submission()
    long_ago = timezone.now() - timedelta(seconds=40)
    GradeJob.objects.update(created_at=long_ago)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert 40 <= answer.json()["oldest_job_s"] < 60
    GradeJob.objects.update(lease_until=timezone.now() + timedelta(seconds=60))
    assert client.get("/readyz").status_code == 200


def test_a_broker_that_is_down_is_told_and_leaves_the_site_ready(
    client: Client, settings: LazySettings
) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/r.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["broker"] == "unreachable"


def test_a_database_that_is_down_makes_the_site_unready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> float:
        raise OperationalError("connection refused")

    monkeypatch.setattr("soctrainer.health._oldest_wait_s", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "unreachable"}
