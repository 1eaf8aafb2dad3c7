"""Numbers to coordinates: the charts are SVG drawn by the templates."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def along(share: float | None, width: int) -> str:
    """A share from 0 to 1 as a coordinate from 0 to `width`, with a point whatever the locale."""
    return f"{(share or 0.0) * width:.1f}"


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 as whole percent, `46`."""
    return f"{100 * (share or 0.0):.0f}"


@register.filter
def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
