"""Simulated trainees who are wrong about the two sides: who asked whom, on which port, and what is spoken there.

Written from the definitions, never from the detectors in grading. Where an idea has no occasion, nothing is written."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from tickets.engine import Claim, Endpoint, Protocol, Reversed
from tickets.grading import Answers
from tickets.quality.world import World

SYSTEM_PORTS = 1024  # RFC 6335: the well-known ones are below
PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
# Ports with a habit, and by which names a payload may show what is usual there.
HABITS: Mapping[int, tuple[str, frozenset[str]]] = {
    22: ("SSH", frozenset({"ssh"})),
    53: ("DNS", frozenset({"dns"})),
    80: ("HTTP", frozenset({"http"})),
    443: ("HTTPS", frozenset({"tls", "ssl", "https", "quic"})),
    445: ("SMB", frozenset({"smb"})),
    3389: ("RDP", frozenset({"rdp"})),
}
PASSED_ON = ("forwarded", "xff", "client-ip")  # in a record that names the client behind whoever sent it
TURNED = {Reversed.YES: Reversed.NO, Reversed.NO: Reversed.YES}


def _as_ends(answers: Answers, orig: Endpoint, resp: Endpoint, reverses: Reversed) -> Answers:
    return replace(
        answers,
        reversed=reverses,
        originator_ip=orig.ip,
        originator_port=None if answers.originator_port is None else orig.port,
        responder_ip=resp.ip,
        responder_port=None if answers.responder_port is None else resp.port,
    )


def face_value(world: World) -> Answers | None:
    """M01: the alert is reversed, and is taken as it is printed."""
    alert = world.verdict.alert
    if world.sides is None or not world.is_reversed(Reversed.YES):
        return None
    return _as_ends(world.model, alert.src, alert.dst, Reversed.NO)


def reverses_all(world: World) -> Answers | None:
    """M02: the alert is right, and is turned round."""
    alert = world.verdict.alert
    if world.sides is None or not world.is_reversed(Reversed.NO):
        return None
    return _as_ends(world.model, alert.dst, alert.src, Reversed.YES)


def client_port(world: World) -> Answers | None:
    """M03: the addresses are right, and the port that the client drew is taken for the service."""
    if world.sides is None or world.is_protocol(Protocol.ICMP):
        return None
    orig, resp = world.sides
    if orig.port == resp.port or orig.port < SYSTEM_PORTS:
        return None
    return replace(world.model, originator_port=resp.port, responder_port=orig.port)


def known_port(world: World) -> Answers | None:
    """M04: who opened it used a well-known port, and is taken for the server."""
    if world.sides is None or world.is_protocol(Protocol.ICMP):
        return None
    orig, resp = world.sides
    return _turned(world) if orig.port < SYSTEM_PORTS <= resp.port else None


def inside_victim(world: World) -> Answers | None:
    """M12: a host of the inside opened it to the outside, and is taken for the one that was called. Whoever is sure of
    that for every alert has no use for the question whether this one is reversed, and leaves it open."""
    if world.sides is None:
        return None
    orig, resp = world.sides
    turned = _turned(world) if _is_inside(orig) and not _is_inside(resp) else None
    return None if turned is None else replace(turned, reversed=None)


def _turned(world: World) -> Answers | None:
    """Both sides exchanged, and the alert judged accordingly."""
    if world.sides is None or world.verdict.reversed not in TURNED:
        return None
    orig, resp = world.sides
    return _as_ends(world.model, resp, orig, TURNED[world.verdict.reversed])


def _is_inside(end: Endpoint) -> bool:
    address = ipaddress.ip_address(end.ip)
    return any(address in network for network in PRIVATE if network.version == address.version)


def translated_source(world: World) -> Answers | None:
    """M10: a record states a translation, and the translated address is taken for the source."""
    conversation = world.verdict.conversation
    if world.sides is None or conversation is None:
        return None
    orig = world.sides[0]
    at = conversation.endpoints.index(orig) if orig in conversation.endpoints else 0
    outer = next((view[at] for view in conversation.translated if view[at].ip != orig.ip), None)
    if outer is None:
        return None
    port = None if world.model.originator_port is None else outer.port
    return replace(world.model, originator_ip=outer.ip, originator_port=port)


def proxy_source(world: World) -> Answers | None:
    """M11: a record names the client behind the device that passed its request on, and that device is given."""
    if world.sides is None:
        return None
    orig = world.sides[0]
    passed = (
        getattr(record, "orig", None) or getattr(record, "src", None)
        for record in world.records
        if orig.ip in (raw := getattr(record, "raw", "").lower()) and any(word in raw for word in PASSED_ON)
    )
    proxy = next((end for end in passed if end is not None and end.ip != orig.ip), None)
    return None if proxy is None else replace(world.model, originator_ip=proxy.ip)


def port_says_service(world: World) -> Answers | None:
    """M17: the payload shows another protocol than the port's usual one, and that one is written down."""
    usual = HABITS.get(world.sides[1].port) if world.sides is not None else None
    told = (item for item in world.verdict.findings if item.claim is Claim.SERVICE and item.supports)
    spoken = {item.value for item in told if item.rule == "service.application"}
    if usual is None or not spoken or not spoken.isdisjoint(usual[1]):
        return None
    texts = dict(world.model.texts)
    texts["supporting_evidence"] = f"{texts['supporting_evidence']} The service is {usual[0]}."
    return replace(world.model, texts=texts)
