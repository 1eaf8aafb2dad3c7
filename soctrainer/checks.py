"""What production must never run with. Each is an error of `manage.py check --deploy`, and a refusal to start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security, deploy=True)
def check_production(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    return list(_faults()) if settings.IN_PRODUCTION else []


def refuse_unsafe_production() -> None:
    """Called by the web server and the workers as they start.

    Raises ImproperlyConfigured naming every fault, so that they are mended in one go.
    """
    faults = check_production(None)
    if faults:
        told = " ".join(f"[{fault.id}] {fault.msg} {fault.hint}" for fault in faults)
        raise ImproperlyConfigured(f"SOC Trainer does not start in production. {told}")


def _faults() -> Iterator[Error]:
    if settings.DEMO_MODE:
        yield Error(
            "Demo mode is on: its accounts have a password that everybody knows.",
            hint="Unset SOCTRAINER_DEMO, or set SOCTRAINER_ENV=demo if this is a demo.",
            id="soctrainer.E001",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on: error pages would show settings and evidence.",
            hint="Unset SOCTRAINER_DEBUG.",
            id="soctrainer.E002",
        )
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY:
        yield Error(
            "There is no secret key.",
            hint="Set SOCTRAINER_SECRET_KEY to at least 50 random characters.",
            id="soctrainer.E003",
        )
    elif len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5:
        yield Error(
            "The secret key can be guessed: it is short or repeats itself.",
            hint="Set SOCTRAINER_SECRET_KEY to at least 50 random characters.",
            id="soctrainer.E004",
        )
    if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        yield Error(
            "Celery is eager: submissions would be graded inside the request.",
            hint="Remove CELERY_TASK_ALWAYS_EAGER.",
            id="soctrainer.E005",
        )
