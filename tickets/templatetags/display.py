"""Values as text for a page: hostile text made visible, times, ages, endpoints, marks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.engine import is_at_home
from tickets.models import EvidenceRecord
from tickets.reports import spelling
from tickets.reports.addresses import find_addresses
from tickets.reports.rule_references import link_of

register = template.Library()

# RFC 1918 and RFC 4193. `is_private` of the standard library also says it of documentation addresses.
PRIVATE = tuple(
    ipaddress.ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


@register.filter
def visible(value: object) -> SafeString:
    """Text that a stranger wrote, harmless and whole: HTML is escaped, control and direction characters
    are drawn as `\\x1b` or `U+202E`, and the rest of the line keeps its own direction."""
    if value is None or value == "":
        return SafeString()
    return mark_safe(f"<bdi>{_drawn(str(value))}</bdi>")  # noqa: S308 - each character was escaped or drawn


@register.filter
def with_addresses(value: object) -> SafeString:
    """The same with each address as a button, from which it can be put into the worksheet."""
    text = str(value or "")
    parts, at = [], 0
    for named in find_addresses(text):
        # Letters, digits, dots, colons, brackets and a slash: nothing that would have to be escaped.
        button = f'<button class="addr" type="button" data-ip="{named.ip}" data-port="{"" if named.port is None else named.port}">'
        parts += [_drawn(text[at : named.start]), f"{button}{text[named.start : named.end]}</button>"]
        at = named.end
    return mark_safe(f"<bdi>{''.join([*parts, _drawn(text[at:])])}</bdi>")  # noqa: S308 - as above


@register.filter
def spelled(value: object) -> str:
    """The same for an attribute or a title, where nothing can be drawn: plain text."""
    return spelling.spelled(str(value or ""))


def _drawn(text: str) -> str:
    if spelling.is_plain(text):
        return str(escape(text))
    return "".join(
        f'<span class="ctl">{name}</span>' if name else str(escape(character))
        for character, name in spelling.spell(text)
    )


@register.filter
def shortened(value: object, length: int) -> str:
    """The first characters of a long text, with the number of those left out."""
    text = str(value)
    if len(text) <= length:
        return text
    more = gettext("%(count)s more characters") % {"count": f"{len(text) - length:,}"}
    return f"{text[:length]} … {more}"


@register.simple_tag
def show_endpoint(ip: str, port: int | None) -> SafeString:
    """`10.0.0.1:80`, with a fainter colon; the address alone where there is no port."""
    shown = f"[{ip}]" if ":" in ip and port is not None else ip
    return visible(shown) if port is None else format_html("{}<i>:</i>{}", visible(shown), port)


@register.filter
def network(ip: str, variables: Mapping[str, Sequence[str]]) -> str:
    """On which side of the sensor's $HOME_NET an address is, where that is set, and which kind of address it is;
    documentation addresses play the Internet here."""
    kind, is_home = _kind_of_address(ip), is_at_home(ip, variables)
    if not kind or is_home is None:
        return kind
    return (gettext("inside, %(kind)s") if is_home else gettext("outside, %(kind)s")) % {"kind": kind}


def _kind_of_address(ip: str) -> str:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    kinds = (
        (address.is_loopback, gettext("loopback address")),
        (address.is_link_local, gettext("link-local address")),
        (address.is_multicast, gettext("multicast address")),
        (
            any(address in known for known in PRIVATE if known.version == address.version),
            gettext("private address"),
        ),
    )
    return next((kind for is_kind, kind in kinds if is_kind), gettext("public address"))


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in the largest whole unit: `2 h`, `6 d`."""
    if moment is None:
        return ""
    return span(timezone.now() - moment)


@register.filter
def until(moment: datetime | None) -> str:
    """How long still, in the two largest units: `1 d 4 h`; "" once it has passed."""
    if moment is None or moment <= timezone.now():
        return ""
    left = moment - timezone.now()
    hours = left.seconds // 3600
    return (
        gettext("%(days)d d %(hours)d h") % {"days": left.days, "hours": hours} if left.days else span(left)
    )


def span(length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds())) // 60
    if minutes < 60:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if minutes < 48 * 60:
        return gettext("%(hours)d h") % {"hours": minutes // 60}
    return gettext("%(days)d d") % {"days": minutes // (24 * 60)}


@register.filter
def moment(value: datetime | None, shape: str = "full") -> SafeString:
    """A time in UTC that a script may turn into the reader's own: `full`, `clock` (to the second), `day`, `date`; beside
    `both` it sets the reader's own."""
    if value is None:
        return SafeString()
    full = "%-d %b %Y %H:%M:%S UTC"
    form = {
        "full": full,
        "both": full,
        "clock": "%H:%M:%S UTC",
        "day": "%a %-d %b %H:%M UTC",
        "date": "%-d %b",
    }[shape]
    at = value.astimezone(UTC)
    # What a script appends for `both`.
    said = format_html(' data-say-here="{}"', gettext(", {time} here")) if shape == "both" else ""
    return format_html(
        '<local-time data-shape="{}"{}><time datetime="{}">{}</time></local-time>',
        shape,
        said,
        at.isoformat(),
        at.strftime(form),
    )


@register.filter
def minutes(seconds: int) -> str:
    """Whole minutes, as a clock beside one's work shows them: `12 min`, `< 1 min`."""
    return (
        gettext("%(minutes)d min") % {"minutes": seconds // 60}
        if seconds >= 60 or not seconds
        else gettext("< 1 min")
    )


@register.filter
def length_s(seconds: int) -> str:
    """A round number of seconds in its own unit: `10 s`, `1 min`, `24 h`."""
    if seconds >= 3600:
        return gettext("%(hours)d h") % {"hours": seconds // 3600}
    if seconds >= 60:
        return gettext("%(minutes)d min") % {"minutes": seconds // 60}
    return gettext("%(seconds)d s") % {"seconds": seconds}


@register.filter
def slashed(value: object) -> str:
    """`7 and 10` as `7 / 10`, for a narrow column."""
    return str(value or "").replace(" and ", " / ")


_KIND_NAMES = {
    "packet": _("Packet"),
    "flow": _("Flow"),
    "ids": _("IDS"),
    "firewall": _("Firewall"),
    "honeypot": _("Honeypot"),
    "host": _("Host"),
    "context": _("Context"),
}


@register.filter
def kind_name(kind: str) -> str:
    return str(_KIND_NAMES[kind])


@register.filter
def action_word(detail: Mapping[str, object]) -> str:
    """What a device or host says that it did, in its own word: `denied`, `reject`, `inbound`."""
    return str(detail.get("action") or detail.get("word") or detail.get("direction") or "")


@register.filter
def translated_ends(record: EvidenceRecord) -> str:
    """The ends that a firewall says it translated, as they are behind it; "" where it changed none."""
    ends = (
        ("mapped_src", record.src_ip, record.src_port),
        ("mapped_dst", record.dst_ip, record.dst_port),
    )
    printed = {name: f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}" for name, ip, port in ends}
    mapped = {name: str(record.detail.get(name) or "") for name in printed}
    return ", ".join(end for name, end in mapped.items() if end and end != printed[name])


# The time at the beginning of a line, which has a column of its own: syslog's, Cisco's, ISO 8601.
_LEADING_TIME = re.compile(
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?:? |\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S* )"
)


@register.filter
def without_time(info: str) -> str:
    return _LEADING_TIME.sub("", info, count=1) if _LEADING_TIME.match(info) else info


_FLAG_WORDS = (("S", "SYN"), ("F", "FIN"), ("R", "RST"), ("P", "PSH"), ("A", "ACK"), ("U", "URG"))


@register.filter
def says(record: EvidenceRecord) -> str:
    """A packet in a few words, as a diagram writes them over its arrow: `SYN, ACK, seq 0, ack 1`."""
    if record.protocol != "tcp":
        return record.info[:200]
    parts = [word for letter, word in _FLAG_WORDS if letter in record.flags]
    parts += [
        f"{name} {number}"
        for name, number in (("seq", record.seq), ("ack", record.ack))
        if number is not None
    ]
    if record.length:
        parts.append(f"{record.length} bytes")
    told = ", ".join(parts)
    is_spoken = record.length and not record.info.startswith(("data, ", "SYN", "FIN", "RST", "ACK"))
    return f"{told}: {record.info[:200]}" if is_spoken else told


@register.filter
def clock_ns(time_ns: int | None) -> str:
    """Nanoseconds since 1970 as `12:00:02.114209`, UTC. Integers all the way: a float would round."""
    if time_ns is None:
        return ""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    day = seconds % 86_400
    return f"{day // 3600:02}:{day // 60 % 60:02}:{day % 60:02}.{nanoseconds // 1000:06}"


@register.filter
def marks(points: Decimal | float | None) -> str:
    """Points without needless zeros: `9.5`, `12`."""
    if points is None:
        return ""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text or "0"


@register.filter
def at(values: Mapping[str, object], name: str) -> object:
    """The value of that name, "" where there is none."""
    return values.get(name, "")


@register.filter
def words(value: object) -> str:
    """A stored value such as `cannot_be_determined` in words."""
    return str(value or "").replace("_", " ")


@register.filter
def reference_link(part: str) -> str:
    """Where a part of a rule leads, "" where it is no link."""
    return link_of(part)
