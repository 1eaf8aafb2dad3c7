"""`manage.py relay`: tells Celery's workers that jobs wait, and does the jobs itself when it cannot."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import Task
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from tickets.models import AnalysisJob, GradeJob, Job, PoolJob, RegradingJob
from tickets.tasks import (
    drain_evidence,
    drain_grading,
    drain_pools,
    drain_regradings,
    hand_in_drafts,
    run_shifts,
)
from tickets.tasks.deadlines import drafts_waiting_for
from tickets.tasks.jobs import claimable
from tickets.tasks.shifts import waiting_for
from tickets.tasks.wakeup import Ear, listening

# How long to wait for a knock before looking anyway.
LOOK_EVERY_S = 0.5
# Hints for one look: enough to wake the workers of a small site, few enough never to fill a broker.
HINTS = 4
# A worker that is busy looks for more by itself; so a hint is sent again only in case it was lost.
HINT_AGAIN_S = 2.0
HINT_EXPIRES_S = 10.0
# After a failed send the broker is left alone for a while: a dead one can hold its caller for seconds.
BROKER_REST_S = 5.0
# What the clock brings is due for longer than beat takes to come round twice.
BEATS_MISSED = timedelta(seconds=5)
# Hints were sent and nobody came.
PATIENCE = timedelta(seconds=10)

logger = logging.getLogger(__name__)


@dataclass
class Errand(ABC):
    """One kind of work, the task that does it, and what the relay last did about it. Times are monotonic."""

    name: str
    task: Task[Any, Any]
    limit_s: float
    hinted_at: float = field(default=float("-inf"), kw_only=True)
    helper: subprocess.Popen[bytes] | None = field(default=None, kw_only=True)
    helped_at: float = field(default=0.0, kw_only=True)

    @abstractmethod
    def waiting(self) -> int:
        """How much a worker could do now, as far as hints go."""

    @abstractmethod
    def is_left_lying(self) -> bool:
        """Were hints sent and nobody came?"""


@dataclass
class Queue(Errand):
    """Jobs of one kind."""

    kind: type[Job]

    def waiting(self) -> int:
        return claimable(self.kind)[:HINTS].count()

    def is_left_lying(self) -> bool:
        long_ago = Now() - PATIENCE
        is_free_for_long = Q(lease_until=None) | Q(lease_until__lt=long_ago)
        return claimable(self.kind).filter(is_free_for_long, created_at__lt=long_ago).exists()


@dataclass
class Timed(Errand):
    """What the clock brings. Beat sees to it; the relay does where beat or the broker is dead.

    `late_by` counts the rows that have been due for longer than a span."""

    late_by: Callable[[timedelta], int]

    def waiting(self) -> int:
        return min(1, self.late_by(BEATS_MISSED))

    def is_left_lying(self) -> bool:
        return self.late_by(PATIENCE) > 0


class Relay:
    def __init__(self) -> None:
        self.queues: list[Errand] = [
            Queue("grading", drain_grading, 60, GradeJob),
            Queue("evidence", drain_evidence, 120, AnalysisJob),
            Queue("pools", drain_pools, 120, PoolJob),
            Queue("regradings", drain_regradings, 120, RegradingJob),
            Timed("shifts", run_shifts, 60, waiting_for),
            Timed("deadlines", hand_in_drafts, 60, drafts_waiting_for),
        ]
        self.is_stopped = False
        self.broker_rests_until = float("-inf")

    def run(self) -> None:
        try:
            while not self.is_stopped:
                self._run_while_connected()
        finally:
            for queue in self.queues:
                _end_helper(queue)

    def stop(self, *_signal: object) -> None:
        self.is_stopped = True

    def _run_while_connected(self) -> None:
        try:
            with listening() as ear:
                self._serve(ear)
        except AnyDatabaseError:
            logger.exception("The relay lost the database and connects again.")
            connection.close()
            time.sleep(LOOK_EVERY_S)

    def _serve(self, ear: Ear) -> None:
        # What was committed before anybody listened.
        is_knock = True
        while not self.is_stopped:
            for queue in self.queues:
                self.look(queue, is_knock=is_knock)
            is_knock = ear.wait(LOOK_EVERY_S)

    def look(self, queue: Errand, *, is_knock: bool) -> None:
        """If work of this kind waits, send hints; if that fails or does not help, start a helper."""
        _mind_helper(queue)
        waiting = queue.waiting()
        if not waiting:
            return
        if is_knock or time.monotonic() >= queue.hinted_at + HINT_AGAIN_S:
            self._hint(queue, waiting)
        if self._is_broker_resting or queue.is_left_lying():
            _start_helper(queue)

    @property
    def _is_broker_resting(self) -> bool:
        return time.monotonic() < self.broker_rests_until

    def _hint(self, queue: Errand, count: int) -> None:
        if self._is_broker_resting:
            return
        queue.hinted_at = time.monotonic()
        try:
            for _ in range(count):
                queue.task.apply_async(expires=HINT_EXPIRES_S)
        except Exception as error:  # noqa: BLE001 - each transport has errors of its own, and all mean the same
            self.broker_rests_until = time.monotonic() + BROKER_REST_S
            logger.warning(
                "The broker takes no hint; the relay works by itself.", extra={"fault": type(error).__name__}
            )


def _start_helper(queue: Errand) -> None:
    """Drain in a process of its own: a job that kills or hangs its process does not take the relay along."""
    if queue.helper is None:
        command = [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "drain",
            "--once",
            "--queue",
            queue.name,
        ]
        queue.helper = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        queue.helped_at = time.monotonic()


def _mind_helper(queue: Errand) -> None:
    if queue.helper is None:
        return
    if queue.helper.poll() is not None:
        queue.helper = None
    elif time.monotonic() > queue.helped_at + queue.limit_s:
        logger.error("A helper ran out of time.", extra={"queue": queue.name})
        _end_helper(queue)


def _end_helper(queue: Errand) -> None:
    if queue.helper is not None:
        queue.helper.kill()
        queue.helper.wait()
        queue.helper = None


class Command(BaseCommand):
    help = "Wake the workers when jobs wait; without a broker, do the jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay()
        signal.signal(signal.SIGTERM, relay.stop)
        signal.signal(signal.SIGINT, relay.stop)
        relay.run()
