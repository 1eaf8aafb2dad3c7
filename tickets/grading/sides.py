"""Wrong ideas about the two sides, who asked whom on which port: what gives occasion to one, and what shows it.

Pure functions of answers, key, verdict and evidence."""

from __future__ import annotations

import ipaddress

from tickets.engine import Endpoint, Protocol, Reversed, Verdict
from tickets.grading.cases import Case, Truth
from tickets.grading.criteria import Criterion
from tickets.grading.key import Key
from tickets.grading.rubric import is_right, is_swapped

WELL_KNOWN = 1024  # ports below are the system ports of RFC 6335

_RFC1918_AND_ULA = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


def is_marked_reversed(key: Key, truth: Reversed) -> bool:
    fact = key.facts[Criterion.REVERSED]
    return fact.is_marked and fact.expected == truth.value


def can_take_face_value(truth: Truth) -> bool:
    return is_marked_reversed(truth.key, Reversed.YES)


def takes_face_value(case: Case) -> bool:
    """Not reversed, and both ends as the alert prints them."""
    alert = case.truth.verdict.alert
    return case.answers.reversed is Reversed.NO and names_ends(case, alert.src, alert.dst)


def names_ends(case: Case, orig: Endpoint, resp: Endpoint) -> bool:
    """Are these the sides, as far as the worksheet names them? Both addresses it must name; a port that is marked may
    be left out, but not be another one."""
    answers, key = case.answers, case.truth.key
    ports = (
        (Criterion.ORIGINATOR_PORT, answers.originator_port, orig.port),
        (Criterion.RESPONDER_PORT, answers.responder_port, resp.port),
    )
    fit = all(given in (None, port) for criterion, given, port in ports if key.is_marked(criterion))
    return fit and (answers.originator_ip, answers.responder_ip) == (orig.ip, resp.ip)


def can_reverse_needlessly(truth: Truth) -> bool:
    return is_marked_reversed(truth.key, Reversed.NO)


def reverses_needlessly(case: Case) -> bool:
    """Reversed, and both ends the other way round than the alert prints them."""
    alert = case.truth.verdict.alert
    return case.answers.reversed is Reversed.YES and names_ends(case, alert.dst, alert.src)


def can_trust_well_known_port(truth: Truth) -> bool:
    """The side that opened the conversation used a system port, the other side did not."""
    orig, resp = truth.key.originator, truth.key.responder
    return (
        orig is not None
        and resp is not None
        and orig.port < WELL_KNOWN <= resp.port
        and has_ports(truth.verdict)
    )


def has_ports(verdict: Verdict) -> bool:
    return verdict.conversation is not None and verdict.conversation.protocol is not Protocol.ICMP


def trusts_well_known_port(case: Case) -> bool:
    """Makes the side with the system port the responder, and says so with that port."""
    orig = case.truth.key.originator
    names_port = orig is not None and case.answers.responder_port == orig.port
    return names_port and mistakes_the_sides(case)


def mistakes_the_sides(case: Case) -> bool:
    """Every end that is named is the other side's, and the alert is judged accordingly, or not at all. Who judges it
    rightly has seen the direction and wrote the ends into the wrong fields; who says that nobody can know holds no
    idea of who asked."""
    answers, key = case.answers, case.truth.key
    is_unsure = answers.reversed is Reversed.CANNOT_BE_DETERMINED
    return is_swapped(answers, key) and not is_unsure and not is_right(answers, key, Criterion.REVERSED)


def is_inside(end: Endpoint) -> bool:
    address = ipaddress.ip_address(end.ip)
    return any(address in network for network in _RFC1918_AND_ULA if network.version == address.version)


def can_make_inside_the_victim(truth: Truth) -> bool:
    orig, resp = truth.key.originator, truth.key.responder
    return orig is not None and resp is not None and is_inside(orig) and not is_inside(resp)


def makes_inside_the_victim(case: Case) -> bool:
    """The inside host, which asked, is the one that was asked, and the sides are mistaken throughout."""
    orig = case.truth.key.originator
    names_victim = orig is not None and case.answers.responder_ip == orig.ip
    return names_victim and mistakes_the_sides(case)


def can_confuse_ports(truth: Truth) -> bool:
    """The originator drew its port for this conversation. (A system port would be a service's: M04.)"""
    orig, resp = truth.key.originator, truth.key.responder
    has_drawn = orig is not None and resp is not None and orig.port != resp.port and orig.port >= WELL_KNOWN
    return has_drawn and has_ports(truth.verdict)


def takes_client_port_for_service(case: Case) -> bool:
    """Who asked whom is right, the service port is the originator's own."""
    orig = case.truth.key.originator
    sides = (Criterion.REVERSED, Criterion.ORIGINATOR_IP, Criterion.RESPONDER_IP)
    are_right = all(is_right(case.answers, case.truth.key, criterion) for criterion in sides)
    return orig is not None and are_right and case.answers.responder_port == orig.port


def can_take_translated_address(truth: Truth) -> bool:
    """A record states that the originator has another address behind a translation."""
    orig = truth.key.originator
    return orig is not None and any(end.ip != orig.ip for end in truth.key.orig_views)


def takes_translated_address(case: Case) -> bool:
    key, given = case.truth.key, case.answers.originator_ip
    is_right = key.originator is not None and given == key.originator.ip
    return not is_right and any(end.ip == given for end in key.orig_views)


def can_take_proxy_for_source(truth: Truth) -> bool:
    return bool(_proxies(truth))


def takes_proxy_for_source(case: Case) -> bool:
    return case.answers.originator_ip in _proxies(case.truth)


def _proxies(truth: Truth) -> frozenset[str]:
    """Who passed on what the true originator asked, and said so."""
    orig = truth.key.originator
    if orig is None:
        return frozenset()
    return frozenset(f.proxy for f in truth.shown.forwarded if f.client == orig.ip and f.proxy != orig.ip)


def can_read_service_off_port(truth: Truth) -> bool:
    return bool(truth.key.spoken and truth.key.usual and truth.key.spoken != truth.key.usual)


def reads_service_off_port(case: Case) -> bool:
    """The texts name what usually speaks on this port, and not what is spoken."""
    return case.truth.key.usual in case.services and case.truth.key.spoken not in case.services
