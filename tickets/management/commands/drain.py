"""`manage.py drain`: do the waiting jobs here, without Celery."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.tasks import (
    drain_evidence,
    drain_grading,
    drain_pools,
    drain_regradings,
    hand_in_drafts,
    run_shifts,
)
from tickets.tasks.wakeup import listening

DRAINS = {
    "deadlines": hand_in_drafts,  # before grading, which it gives work to
    "grading": drain_grading,
    "evidence": drain_evidence,
    "pools": drain_pools,
    "regradings": drain_regradings,
    "shifts": run_shifts,
}


class Command(BaseCommand):
    help = "Hand in, grade, analyse, generate, regrade and hand out what is waiting, in this process."
    is_stopped = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="end when nothing waits; else stay and do more"
        )
        parser.add_argument("--queue", choices=sorted(DRAINS), help="only these jobs")

    def handle(self, *args: Any, **options: Any) -> None:
        names = [options["queue"]] if options["queue"] else list(DRAINS)
        if options["once"]:
            self.stdout.write(f"{self._drain(names)} jobs done or tried.")
            return
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        with listening() as ear:
            while not self.is_stopped:
                self._drain(names)
                ear.wait(0.5)

    def _drain(self, names: list[str]) -> int:
        total = 0
        for name in names:
            while not self.is_stopped and (tried := DRAINS[name]()):
                total += tried
        return total

    def _stop(self, *_signal: object) -> None:
        self.is_stopped = True
