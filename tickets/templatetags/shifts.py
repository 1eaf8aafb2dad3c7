"""Seconds on a shift's clock as text."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def mmss(seconds: float | None) -> str:
    """`0:48`, `12:05`, `1:02:05`; a dash where there is no time."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
