"""What is spoken: an application's request and answer, and what a control conversation announced."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain

from ..applications import CLIENT, EITHER
from ..control import Announcement, Part
from ..ports import service_on
from ..traffic import Spoken, Traffic, is_group
from ..types import Protocol
from .case import Case, Clue, Scene


def application_role(case: Case) -> Iterator[Clue]:
    """A request comes from the client, an answer from the server; the protocols' sources stand in `applications`."""
    roles = [(_opener(item), item) for item in case.spoken if item.role.speaker != EITHER]
    fixed = [(side, item) for side, item in roles if not item.role.is_banner]
    if fixed and not any(is_group(end.ip) for end in case.ends):
        yield from _fixed_roles(case, fixed)
    banners = [(side, item) for side, item in roles if item.role.is_banner]
    if banners:
        side, item = banners[0]
        facts = {"protocol": item.role.service or "text", "message": item.role.message}
        yield case.clue("application.banner", side, 0.85, (item.location,), **facts)


def _opener(item: Spoken) -> int:
    return item.side if item.role.speaker == CLIENT else 1 - item.side


def _fixed_roles(case: Case, roles: Sequence[tuple[int, Spoken]]) -> Iterator[Clue]:
    """Where the two sides ask each other the first to ask opened; that is a weaker sign."""
    side, item = roles[0]
    agreeing = [other for opener, other in roles if opener == side]
    partner = next((other for other in agreeing if other.side != item.side), None)
    facts = {
        "protocol": item.role.service or "text",
        "message": item.role.message,
        "speaker": item.role.speaker,
    }
    has_registered = any(other.role.message == REGISTERS for other in agreeing)
    is_turnable = not has_registered and _may_be_turned(case, side, item)
    if len(agreeing) < len(roles):
        yield case.clue("application.role", side, 0.8, (item.location,), **facts)
    elif partner is None:
        is_weak = is_turnable or _may_answer_a_forgery(case, side, item)
        yield case.clue("application.role", side, 0.85 if is_weak else 0.95, (item.location,), **facts)
    else:
        messages = f"{item.role.message}, {partner.role.message}"
        records = (item.location, partner.location)
        yield case.clue(
            "application.agreement",
            side,
            0.85 if is_turnable else 0.97,
            records,
            protocol=item.role.service or "text",
            messages=messages,
        )


# In these whoever asks need not have opened: both ends are phones (RFC 3261), gateways (RFC 7296: either makes new keys),
# browsers (RFC 8445; RFC 5763, 5: the one that was called begins DTLS), peers or devices (WireGuard, BACnet, RFC 7252); a
# proxy's server may have dialled out to its client (SOCKS behind a translation).
EITHER_ASKS = frozenset({"bacnet", "coap", "dtls", "ike", "sip", "socks", "stun", "wireguard"})

# But for this: a phone registers before anybody can call it, and a registrar registers nowhere (RFC 3261, 10).
REGISTERS = "REGISTER request"


def _may_be_turned(case: Case, asker: int, item: Spoken) -> bool:
    """A conversation that was heard from its middle may have been opened by the side that is asked now, unless the ports
    say so too."""
    services = [service_on(case.traffic.protocol, end.port) for end in case.ends]
    ports_agree = bool(services[1 - asker]) and not services[asker]
    return item.role.service in EITHER_ASKS and not ports_agree


# Questions go to a group of the own link, so they stand in a conversation of their own, and no router passes a forged
# one on (RFC 4795, 2.2 and 2.5; RFC 6762, 11).
OF_THE_LINK = frozenset({"llmnr", "mdns"})


def _may_answer_a_forgery(case: Case, asker: int, item: Spoken) -> bool:
    """RFC 4732, 3.1: whoever forges a sender has servers answer somebody who never asked. Answers to an endpoint from
    which no datagram came may be such; or the sensor sees one direction only. The packets do not tell which."""
    is_silent = case.traffic.protocol is Protocol.UDP and not case.traffic.sides[asker].packets
    return is_silent and item.role.service not in OF_THE_LINK


def control_announced(case: Case) -> Iterator[Clue]:
    """RFC 959, RFC 2428, RFC 1350, RFC 1833 and others: what was announced is connected to, or connects (`control`)."""
    for announcement in announcements_of(case.traffic, case.scene):
        side = case.traffic.side_of(announcement.announced) or 0
        if announcement.part is not Part.TAKES_PART:
            facts = {
                "protocol": announcement.control,
                "announced": str(announcement.announced),
                "by": announcement.by,
            }
            opener = side if announcement.part is Part.OPENS else 1 - side
            yield case.clue("control.announced", opener, 0.93, (announcement.location,), **facts)
            return


def announcements_of(traffic: Traffic, scene: Scene) -> list[Announcement]:
    """Return what announced the ends of a conversation: for each end the last before it began, else the first."""
    if not scene.announcements:
        return []
    found = []
    for end in dict.fromkeys(chain(traffic.ends, *traffic.views)):
        known = scene.announcements.get((traffic.protocol, end), ())
        at = bisect_right(known, traffic.first_ns, key=lambda item: item.time_ns)
        nearest = known[at - 1] if at else known[0] if known else None
        if nearest is not None and nearest.time_ns <= traffic.last_ns:
            found.append(nearest)
    return found
