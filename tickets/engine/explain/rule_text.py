"""A rule's text in words: what it asks for, and nothing of the traffic."""

from __future__ import annotations

from collections.abc import Mapping

from ..rules import PROTOCOLS, Item, Rule


def rule_reads(rule: Rule) -> str:
    """What the rule's text asks for, in words. It says nothing of the traffic."""
    parts = [_header_reads(rule), *_options_read(rule)]
    return " ".join(part for part in parts if part)


def _header_reads(rule: Rule) -> str:
    services = PROTOCOLS[rule.protocol].services
    what = f"{rule.protocol.upper()} traffic" if services else f"{rule.protocol.upper()} packets"
    src, dst = _side_reads(rule.src, rule.sport), _side_reads(rule.dst, rule.dport)
    if rule.direction == "<>":
        return f"The rule looks at {what} between {src} and {dst}, either way."
    return f"The rule looks at {what} from {src} to {dst}."


def _side_reads(addresses: Item, ports: Item) -> str:
    where = "any address" if addresses == Item("any") else str(addresses)
    return where if ports == Item("any") else f"{where}, {_ports_read(ports)}"


def _ports_read(ports: Item) -> str:
    low, colon, high = ports.text.partition(":")
    if ports.negated or ports.is_list or not colon:
        return f"port {ports}"
    if low and high:
        return f"ports {low} to {high}"
    return f"port {low} or higher" if low else f"port {high} or lower"


def _options_read(rule: Rule) -> list[str]:
    """The options that bear on direction and state; the others are left to be read in the rule."""
    sentences = [FLOW_READS[word] for word in FLOW_READS if word in rule.flow]
    if rule.flags:
        sentences.append(flags_read(rule.flags))
    if rule.first("content"):
        sentences.append("The packet's content must match the patterns in the rule.")
    if rule.classtype:
        sentences.append(f"Its author files it under {rule.classtype}.")
    return sentences


def flags_read(flags: str) -> str:
    wanted, _, _ = flags.partition(",")
    names = [FLAG_NAMES[letter] for letter in wanted if letter in FLAG_NAMES]
    listed = " and ".join(names) if names else "no flag"
    for mark, text in FLAG_MARKS.items():
        if mark in wanted:
            return text.format(flags=listed)
    return f"The packet's TCP flags must be exactly {listed}."


FLOW_READS: Mapping[str, str] = {
    "to_server": "It wants packets on their way to the server.",
    "from_client": "It wants packets that come from the client.",
    "to_client": "It wants packets on their way to the client.",
    "from_server": "It wants packets that come from the server.",
    "established": "The connection must be established.",
    "not_established": "The connection must not be established yet.",
    "stateless": "It does not ask whether the packet belongs to a connection.",
}

FLAG_NAMES: Mapping[str, str] = {
    "S": "SYN",
    "A": "ACK",
    "F": "FIN",
    "R": "RST",
    "P": "PSH",
    "U": "URG",
    "E": "ECE",
    "C": "CWR",
}

FLAG_MARKS: Mapping[str, str] = {
    "+": "The packet must have the TCP flags {flags}, and may have others.",
    "*": "The packet must have at least one of the TCP flags {flags}.",
    "!": "The packet must not have the TCP flags {flags}.",
}
