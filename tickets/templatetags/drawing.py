"""What is drawn: icons, TCP flags in six places, the arrow of one packet in the ladder."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tickets.reports.evidence import Row

register = template.Library()

_FLAGS = "UAPRSF"
_STRONG = frozenset("SRF")
# The lane is 176 by 24: posts at 1 and 175, the arrow between them at half height.
_POSTS = '<path class="post-line" d="M1 0V24M175 0V24"/>'
_PATHS = {
    "to": ("M3 12H167", "M174 12l-8-4v8z", 1, "m164 7 10 10m0-10-10 10"),
    "back": ("M173 12H9", "M2 12l8-4v8z", 175, "m2 7 10 10m0-10-10 10"),
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
    return format_html('<svg viewBox="0 0 176 24" aria-hidden="true">{}</svg>', _hop(row))


def _hop(row: Row) -> SafeString:
    if row.way not in _PATHS:
        return SafeString(_POSTS)
    kind = kind_of(row)
    line, head, sender, cross = _PATHS[row.way]
    fired = " data-alert" if row.is_alert else ""
    parts = [
        _POSTS,
        f'<path class="hop" data-kind="{kind}"{fired} d="{line}"/>',
        f'<path class="hop-cross" d="{cross}"/>'
        if kind == "rst"
        else f'<path class="hop-head" data-kind="{kind}"{fired} d="{head}"/>',
    ]
    if kind == "syn":
        parts.append(f'<circle class="hop-end" cx="{sender}" cy="12" r="3.5"/>')
    return mark_safe("".join(parts))  # noqa: S308 - of our own constants only


def kind_of(row: Row) -> str:
    """How the arrow is drawn: by the flag that says most, then by whether it carries data."""
    for letter, kind in (("S", "syn"), ("R", "rst"), ("F", "fin")):
        if letter in row.record.flags:
            return kind
    is_bare = row.record.protocol == "tcp" and not row.record.length
    return "ack" if is_bare else "data"
