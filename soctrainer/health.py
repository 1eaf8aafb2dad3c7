"""Two probes. `/healthz`: this process answers. `/readyz`: the site does its work.

A broker that is down does not make the site unready: submissions are accepted and graded without it
(docs/decisions), so it is told, not punished. Jobs that wait too long do: then nobody grades.
"""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu import Connection

LONGEST_WAIT_S = 30


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        waits_s = _oldest_wait_s()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    is_ready = waits_s <= LONGEST_WAIT_S
    answer = {
        "ready": is_ready,
        "database": "ok",
        "broker": "ok" if _reaches_broker() else "unreachable",
        "oldest_job_s": round(waits_s, 1),
    }
    return JsonResponse(answer, status=200 if is_ready else 503)


def _oldest_wait_s() -> float:
    """Seconds that the oldest job which a worker could take has waited; 0 without one."""
    jobs = apps.get_model("tickets", "GradeJob")._default_manager
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    oldest = jobs.filter(is_free, state="pending").order_by("created_at").first()
    if oldest is None:
        return 0.0
    waited: timedelta = timezone.now() - oldest.created_at
    return waited.total_seconds()


def _reaches_broker() -> bool:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "socket_timeout": 1, "socket_connect_timeout": 1}
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except Exception:  # noqa: BLE001 - each transport has errors of its own, and all mean the same here
        return False
    return True
