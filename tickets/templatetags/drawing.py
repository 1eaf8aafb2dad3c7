"""What is drawn: icons, TCP flags in six places, the arrow of one packet in the ladder."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tickets.reports.rows import Row

register = template.Library()

_FLAGS = "UAPRSF"
_STRONG = frozenset("SRF")
# An arrow lies between posts, which are the drawing's own borders: it stretches with its cell, and posts of rows join.
# By its way: where its head is, the head's path, the sender's post, the cross of a reset.
_WAYS = {
    "to": ("100%", "M-2 0l-8-4v8z", "0", "m-10-5 8 10m0-10-8 10"),
    "back": ("0", "M2 0l8-4v8z", "100%", "m2-5 8 10m0-10-8 10"),
}


@register.simple_tag
def icon(name: str, label: str = "", kind: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration. `kind` is a state that styles may ask for."""
    state = format_html(' data-is="{}"', kind) if kind else SafeString()
    if label:
        return format_html(
            '<svg class="ico"{} role="img" aria-label="{}"><use href="#i-{}"/></svg>', state, label, name
        )
    return format_html('<svg class="ico"{} aria-hidden="true"><use href="#i-{}"/></svg>', state, name)


@register.filter
def flags(text: str) -> SafeString:
    """Set flags as letters in six fixed places, the styles' dots for unset ones: a bit is read
    down the column."""
    if not text:
        return SafeString()
    places = format_html_join("", "{}", ((_place(letter, letter in text),) for letter in _FLAGS))
    return format_html(
        '<span class="flags"><span aria-hidden="true">{}</span><span class="sr">{}</span></span>',
        places,
        " ".join(letter for letter in _FLAGS if letter in text) or "none",
    )


def _place(letter: str, is_set: bool) -> SafeString:
    if not is_set:
        return SafeString("<i></i>")
    return format_html('<b class="s">{}</b>' if letter in _STRONG else "<b>{}</b>", letter)


@register.simple_tag
def lane(row: Row) -> SafeString:
    """The packet as an arrow between the posts. Decoration: source and destination are cells beside it."""
    return _drawn(row, "50%")


@register.simple_tag
def step(row: Row) -> SafeString:
    """The same in a sequence diagram, with room for words above it."""
    return _drawn(row, "74%")


@register.simple_tag
def step_posts() -> SafeString:
    """The posts alone, dotted through a silence."""
    return SafeString('<svg data-gap aria-hidden="true"></svg>')


def _drawn(row: Row, y: str) -> SafeString:
    if row.way not in _WAYS:
        return _svg("")
    kind = kind_of(row)
    receiver, head, sender, cross = _WAYS[row.way]
    state = f'data-kind="{kind}"' + (" data-alert" if row.is_alert else "")
    tip = (
        f'<path class="hop-cross" d="{cross}"/>'
        if kind == "rst"
        else f'<path class="hop-head" {state} d="{head}"/>'
    )
    ring = f'<circle class="hop-end" cx="{sender}" cy="{y}" r="3.5"/>' if kind == "syn" else ""
    return _svg(
        f'<line class="hop" {state} x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        f'<svg x="{receiver}" y="{y}">{tip}</svg>{ring}'
    )


def _svg(drawn: str) -> SafeString:
    return mark_safe(f'<svg aria-hidden="true">{drawn}</svg>')  # noqa: S308 - of our own constants only


def kind_of(row: Row) -> str:
    """How the arrow is drawn: by the flag that says most, then by whether it carries data."""
    for letter, kind in (("S", "syn"), ("R", "rst"), ("F", "fin")):
        if letter in row.record.flags:
            return kind
    is_bare = row.record.protocol == "tcp" and not row.record.length
    return "ack" if is_bare else "data"
