"""Migrations and, in demo mode, the demo data, in one process: Django starts once."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.management import call_command, get_commands


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    if settings.DEMO_MODE and "load_demo" in get_commands():
        call_command("load_demo")


if __name__ == "__main__":
    main()
