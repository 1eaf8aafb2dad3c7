"""What a ticket shows its trainee, as far as marks look at it: words that a text may not just copy, names of hosts,
and of the records where and when they were made. Nothing of the truth."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tickets.engine import Location, Record


class Seen(NamedTuple):
    """One record: when it was made, and the two addresses that it prints."""

    time_ns: int | None
    ips: frozenset[str]


class Forwarding(NamedTuple):
    """A record that `proxy` sent and that names the client behind it."""

    proxy: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`addresses` are all that stand in the records; `records` holds at least those that are pinned."""

    rule: str = ""
    statement: str = ""
    notes: tuple[str, ...] = ()
    addresses: frozenset[str] = frozenset()
    records: Mapping[Location, Seen] = field(default_factory=dict)
    forwarded: frozenset[Forwarding] = frozenset()


NOTHING_SHOWN = Shown()


def show_records(
    records: Iterable[Record], *, rule: str = "", statement: str = "", notes: tuple[str, ...] = ()
) -> Shown:
    """What a ticket of these records shows."""
    kept = tuple(records)
    seen = {record.location: Seen(record.time_ns, ips_of(record)) for record in kept if record.location}
    return Shown(
        rule=rule,
        statement=statement,
        notes=notes,
        addresses=frozenset(ip for one in seen.values() for ip in one.ips),
        records=seen,
        forwarded=frozenset(found for record in kept for found in _forwardings(record)),
    )


def ips_of(record: Record) -> frozenset[str]:
    """The addresses that a record prints, whatever its format calls them."""
    ends = (getattr(record, name, None) for name in ("src", "dst", "orig", "resp"))
    return frozenset(end.ip for end in ends if end is not None)


def _forwardings(record: Record) -> Iterator[Forwarding]:
    sender = getattr(record, "orig", None) or getattr(record, "src", None)
    text = getattr(record, "raw", "")
    if sender is not None:
        yield from (Forwarding(sender.ip, client) for client in read_forwarded(text))


# The header that proxies and balancers add (RFC 7239, and the older X-Forwarded-For), as headers and logs print it.
_FORWARDED = re.compile(
    r"""(?: \b x[-_]?forwarded[-_]?for | \b forwarded \W{1,4} for | \b xff | \b true[-_]client[-_]ip )
        ["']? \s* (?: [:=] | -> ){1,2} \s* ["'\[]{0,2} (?P<client> [0-9a-f.:]{3,45} )""",
    re.IGNORECASE | re.VERBOSE,
)


def read_forwarded(text: str) -> tuple[str, ...]:
    """The clients that forwarded-for entries in a log line name, the first of each list."""
    found = (_canonical(match["client"].rstrip(".:")) for match in _FORWARDED.finditer(text))
    return tuple(dict.fromkeys(ip for ip in found if ip))


_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]*[0-9a-f])(?!\w)(?!\.\d)",
    re.IGNORECASE,
)
# "10.20.30.40: ws-3141, a workstation": a name, and not a word, has a digit, a hyphen or a dot in it.
_HOST = re.compile(
    r":? (?:is )?([a-z][a-z0-9]*(?:[-._][a-z0-9]+)+|[a-z]+\d[a-z0-9]*)(?=[ ,;:.]|$)", re.IGNORECASE
)


def read_addresses(texts: Iterable[str]) -> frozenset[str]:
    """Every address that stands in these texts."""
    found = (_canonical(match[0]) for text in texts for match in _ADDRESS.finditer(text))
    return frozenset(ip for ip in found if ip)


def read_hosts(notes: Iterable[str]) -> dict[str, str]:
    """The hosts that the ticket's notes name, in lower case, by the address that stands right before the name."""
    hosts: dict[str, str] = {}
    for note in notes:
        for match in _ADDRESS.finditer(note):
            ip, name = _canonical(match[0]), _HOST.match(note, match.end())
            if ip and name:
                hosts.setdefault(name[1].lower(), ip)
    return hosts


def _canonical(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
