"""The Celery application: `celery -A soctrainer worker` finds it here."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, task_prerun
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")

app = Celery("soctrainer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tickets"])


@celeryd_init.connect
def refuse_unsafe_worker(**_kwargs: Any) -> None:
    from soctrainer.checks import refuse_unsafe_production

    try:
        refuse_unsafe_production()
    except ImproperlyConfigured as refusal:
        # Celery logs what a signal's handler raises and goes on; only SystemExit ends the worker.
        sys.exit(str(refusal))


@task_prerun.connect
def mend_connections(**_kwargs: Any) -> None:
    """Tasks share a connection (CELERY_DB_REUSE_MAX), so one that a restarted server cut is closed here."""
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
