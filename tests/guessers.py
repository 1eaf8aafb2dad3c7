"""Trainees who guess every field, and how often chance alone tells each wrong idea.

The chance is computed from the idea's definition: each condition on the worksheet by the number of values that its
field is drawn from. It is an upper bound, since an idea before it in the precedence may explain the same line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import ip_address
from random import Random
from typing import NamedTuple

from tests.quality.desks import Desk
from tickets.engine import (
    DISPOSITION_OF,
    Claim,
    Disposition,
    Endpoint,
    IntentMatch,
    Location,
    Protocol,
    Reversed,
)
from tickets.grading import Answers, Criterion, OutcomeAnswer
from tickets.quality.exhibit import ends_of
from tickets.quality.sides import HABITS
from tickets.quality.trainees import HOUR_NS

# What a guess of the service is drawn from: the names of services that texts are read for.
SERVICES = ("HTTP", "HTTPS", "SSH", "RDP", "SMB", "DNS", "FTP", "Telnet", "SIP", "SMTP", "NTP", "SNMP", "TLS")


@dataclass(frozen=True)
class Pool:
    """What a guesser draws ends and pins from."""

    ips: Sequence[str]
    ports: Sequence[int]
    pins: Sequence[Location]


def pool_of_ends(desk: Desk) -> Pool:
    """The two ends that the alert prints: the hardest guesser to tell from one who thinks."""
    alert = desk.verdict.alert
    return _pool(desk, [alert.src, alert.dst])


def pool_of_evidence(desk: Desk) -> Pool:
    """Every address and port in the evidence."""
    alert = desk.verdict.alert
    return _pool(desk, [alert.src, alert.dst, *(end for record in desk.records for end in ends_of(record))])


def _pool(desk: Desk, ends: Sequence[Endpoint]) -> Pool:
    pins = tuple(dict.fromkeys(record.location for record in desk.records if record.location is not None))
    return Pool(
        sorted({end.ip for end in ends if _is_address(end.ip)}), sorted({end.port for end in ends}), pins
    )


def _is_address(text: str) -> bool:
    """Some logs print a host's name in an address's place."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def guess(dice: Random, pool: Pool, texts: dict[str, str]) -> Answers:
    """A worksheet with every field drawn alike among its values, one pin, and the name of one service."""
    disposition = dice.choice(list(Disposition))
    return Answers(
        originator_ip=dice.choice(pool.ips),
        originator_port=dice.choice(pool.ports),
        responder_ip=dice.choice(pool.ips),
        responder_port=dice.choice(pool.ports),
        protocol=dice.choice(list(Protocol)),
        reversed=dice.choice(list(Reversed)),
        outcome=dice.choice(list(OutcomeAnswer)),
        intent=dice.choice([IntentMatch.MATCH, IntentMatch.MISMATCH]),
        disposition=disposition,
        reason_code=dice.choice([code for code, owner in DISPOSITION_OF.items() if owner is disposition]),
        evidence=(dice.choice(pool.pins),),
        texts={**texts, "supporting_evidence": f"The service is {dice.choice(SERVICES)}."},
    )


class Chance(NamedTuple):
    """How many conditions on the worksheet an idea has, and how probable it is that a guess meets all."""

    conditions: int
    rate: Fraction


def chances(desk: Desk, pool: Pool) -> dict[str, Chance]:
    """The chance of every idea on this desk, as if each had an occasion."""
    key = desk.world.key
    verdict, ip, port = Fraction(1, len(Reversed)), Fraction(1, len(pool.ips)), Fraction(1, len(pool.ports))
    ports = port if key.is_marked(Criterion.RESPONDER_PORT) else Fraction(1)
    outcome, closing = Fraction(1, len(OutcomeAnswer)), Fraction(1, len(Disposition))
    both_ends = (ip * ports) ** 2
    named = {
        # One of three words about the alert, and two ends.
        "M01": Chance(5, verdict * both_ends),
        "M02": Chance(5, verdict * both_ends),
        "M04": Chance(5, verdict * both_ends),
        "M12": Chance(5, verdict * both_ends),
        # One word, two addresses, one port.
        "M03": Chance(4, verdict * ip**2 * port),
        "M07": Chance(1, 3 * outcome),
        "M10": Chance(1, len({end.ip for end in key.orig_views} & set(pool.ips)) * ip),
        "M11": Chance(1, len({found.proxy for found in desk.shown.forwarded} & set(pool.ips)) * ip),
        "M13": Chance(1, _implied(desk) * closing),
        "M14": Chance(1, closing),
        "M16": Chance(1, Fraction(sum(_is_far(desk, pin) for pin in pool.pins), len(pool.pins))),
        "M17": Chance(1, Fraction(_habitual(desk), len(SERVICES))),
        "M18": _chance_of_all_right(desk, verdict, ip, outcome),
    }
    return {**named, **dict.fromkeys(("M05", "M06", "M08", "M09", "M15"), Chance(1, outcome))}


def _implied(desk: Desk) -> int:
    """A high severity calls for one disposition, a low one for two."""
    severity = desk.verdict.alert.severity
    if severity is None or severity == 2:
        return 0
    return 1 if severity < 2 else 2


def _is_far(desk: Desk, pin: Location) -> bool:
    time_ns = desk.shown.records[pin].time_ns
    conversation = desk.verdict.conversation
    return (
        time_ns is not None
        and conversation is not None
        and abs(time_ns - conversation.first_ns) > HOUR_NS // 2
    )


def _habitual(desk: Desk) -> int:
    """How many of the names are that of the port's usual service: HTTPS is TLS."""
    usual = HABITS.get(desk.world.sides[1].port) if desk.world.sides is not None else None
    return 0 if usual is None else 2 if "tls" in usual[1] else 1


def _chance_of_all_right(desk: Desk, verdict: Fraction, ip: Fraction, outcome: Fraction) -> Chance:
    """All right that a record can prove; that the pin does not show it makes it rarer still."""
    conditions, rate = 1, Fraction(1)
    for proof in desk.world.key.proofs:
        names_host = proof.claim is Claim.ORIGINATOR and desk.world.key.originator is not None
        rate *= outcome if proof.claim is Claim.OUTCOME else verdict * (ip if names_host else 1)
        conditions += 2 if names_host else 1
    return Chance(conditions, rate)


def guesses(dice: Random, desk: Desk, pool: Pool, count: int) -> Iterator[Answers]:
    texts = dict(Answers().texts)
    return (guess(dice, pool, texts) for _ in range(count))
