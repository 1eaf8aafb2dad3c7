"""`manage.py load_demo`: people, cohorts, scenarios and tickets for a demonstration. Twice is as once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickets.actions.demo import DemoError, load_demo


class Command(BaseCommand):
    help = "Load the demonstration. Only where SOCTRAINER_DEMO is on: its passwords are known to everybody."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = load_demo()
        except DemoError as error:
            raise CommandError(str(error)) from error
        for line in told:
            self.stdout.write(line)
