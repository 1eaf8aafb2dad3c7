"""A rule's text part by part, each with what it asks for in plain words. Nothing is said of the traffic, nor whether the rule is good.

Source: the Suricata user guide, "Rules Format", "Meta Keywords", "Payload Keywords", "Flow Keywords", "Thresholding Keywords".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..rules import PROTOCOLS, Item, Option, Rule, Variables, missing_variables, parse_rule
from ..types import EngineError
from .rule_text import FLOW_READS, flags_read


class RulePart(NamedTuple):
    """`text` as the rule writes it, `means` in one or two sentences."""

    text: str
    means: str


def explain_rule(text: str, variables: Variables | None = None) -> tuple[RulePart, ...]:
    """The parts in the order of the text: header first, then each option. Empty for a text that is no rule. `variables`
    are those that the sensor has set: {"HOME_NET": ["10.20.0.0/16"]}."""
    try:
        rule = parse_rule(text)
    except EngineError:
        return ()
    return (*_header_parts(rule, variables or {}), *(_option_part(option) for option in rule.options))


# -- The header -----------------------------------------------------------------------------------


def _header_parts(rule: Rule, set_here: Variables) -> list[RulePart]:
    parts = [
        RulePart(rule.action, ACTIONS_READ.get(rule.action, "What is done with a packet that fits.")),
        RulePart(rule.protocol, _protocol_reads(rule.protocol)),
        RulePart(f"{rule.src} {rule.sport}", _end_reads("source", rule.src, rule.sport)),
        RulePart(rule.direction, DIRECTION_READS[rule.direction]),
        RulePart(f"{rule.dst} {rule.dport}", _end_reads("destination", rule.dst, rule.dport)),
    ]
    variables = dict.fromkeys(
        name for item in (rule.src, rule.sport, rule.dst, rule.dport) for name in missing_variables(item, {})
    )
    return [
        *parts,
        *(RulePart(f"${name}", _variable_reads(name, set_here.get(name, ()))) for name in variables),
    ]


def _protocol_reads(word: str) -> str:
    protocols = PROTOCOLS[word]
    if protocols.services:
        return f"Traffic that the sensor has recognised as {word.upper()}, on whatever port."
    if len(protocols.transports) > 1:
        return "Any IP packet, whatever it carries."
    return f"Each {word.upper()} packet. Which application speaks is not looked at."


def _end_reads(side: str, addresses: Item, ports: Item) -> str:
    where = "may be any address" if addresses.text == "any" else f"must be in {addresses}"
    if addresses.negated:
        where = f"must be outside {str(addresses)[1:]}"
    return f"The {side} of the packet {where}, {_ports_read(ports)}."


def _ports_read(ports: Item) -> str:
    if ports.text == "any" and not ports.negated:
        return "any port"
    low, colon, high = ports.text.partition(":")
    if ports.negated:
        return f"any port but {str(ports)[1:]}"
    if ports.is_list or not colon:
        return f"port {ports}"
    if low and high:
        return f"ports {low} to {high}"
    return f"port {low} and above" if low else f"port {high} and below"


def _variable_reads(name: str, values: Sequence[str]) -> str:
    what = "ports" if name.endswith(("_PORT", "_PORTS")) else "addresses"
    reads = VARIABLES_READ.get(name) or f"A list of {what} that the sensor's owner has set."
    if values:
        here = ", ".join(f"all but {value[1:]}" if value.startswith("!") else value for value in values)
        return f"{reads} Here: {here}."
    return reads if name in VARIABLES_READ else f"{reads} The briefing or the context may say which."


ACTIONS_READ: Mapping[str, str] = {
    "alert": "Tell of the packet, and let it pass.",
    "drop": "Tell of the packet, and drop it where the sensor stands in the way.",
    "reject": "Tell of the packet, and answer its sender with a refusal.",
    "pass": "Let the packet pass, and look no further.",
    "log": "Record the packet without an alert.",
}

DIRECTION_READS: Mapping[str, str] = {
    "->": "The one packet that fires goes from the left side to the right. The arrow says nothing of who opened the connection.",
    "<>": "The packet may go either way between the two sides.",
    "=>": "Packets of the whole exchange, both ways, are looked at together.",
}

VARIABLES_READ: Mapping[str, str] = {
    "HOME_NET": "The addresses that this sensor is told to protect.",
    "EXTERNAL_NET": "What counts as outside for this sensor: mostly all that is not in $HOME_NET.",
    "HTTP_PORTS": "The ports on which this sensor expects HTTP.",
    "HTTP_SERVERS": "The addresses of the web servers that this sensor protects.",
    "DNS_SERVERS": "The addresses of the name servers that this sensor protects.",
    "SMTP_SERVERS": "The addresses of the mail servers that this sensor protects.",
    "SQL_SERVERS": "The addresses of the database servers that this sensor protects.",
}

# -- The options ----------------------------------------------------------------------------------


def _option_part(option: Option) -> RulePart:
    text = option.name if option.value is None else f"{option.name}:{option.value}"
    reads = OPTIONS_READ.get(option.name)
    if reads is not None:
        return RulePart(text, reads(option.value or ""))
    if option.name in BUFFERS:
        return RulePart(text, f"The patterns that follow are looked for in {BUFFERS[option.name]}.")
    if "." in option.name:
        protocol, _, field = option.name.partition(".")
        return RulePart(text, f"A field of {protocol.upper()}: {field.replace('_', ' ')}.")
    return RulePart(text, "A further condition; the sensor's manual says what it asks for.")


def _flow_reads(value: str) -> str:
    words = [word.strip() for word in value.split(",")]
    return (
        " ".join(FLOW_READS[word] for word in words if word in FLOW_READS) or "Which part of a flow is meant."
    )


def _content_reads(value: str) -> str:
    if value.startswith("!"):
        return f"The text {value[1:]} must not be there."
    hexadecimal = " What stands between bars is bytes in hexadecimal." if "|" in value else ""
    return f"The bytes {value} must be there.{hexadecimal}"


def _threshold_reads(value: str) -> str:
    pairs = (part.split(None, 1) for part in value.split(","))
    said = {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}
    kind = THRESHOLDS_READ.get(said.get("type", ""), "Alerts are limited")
    track = TRACKS_READ.get(said.get("track", ""), "")
    count, seconds = said.get("count", "?"), said.get("seconds", "?")
    return f"{kind.format(count=count)} within {seconds} seconds{track}. Other packets of the kind may stand in no alert."


def _reference_reads(value: str) -> str:
    kind, _, name = value.partition(",")
    return f"Its author names where to read on: {kind.strip()} {name.strip()}."


def _dsize_reads(value: str) -> str:
    return f"The packet's payload must be {_range_reads(value)} bytes long."


def _range_reads(value: str) -> str:
    if "<>" in value:
        low, _, high = value.partition("<>")
        return f"between {low} and {high}"
    signs = {">": "more than ", "<": "less than ", "!": "not "}
    return next((f"{words}{value[1:]}" for sign, words in signs.items() if value.startswith(sign)), value)


def _says(sentence: str) -> Callable[[str], str]:
    return lambda value: sentence.format(value=value)


THRESHOLDS_READ: Mapping[str, str] = {
    "limit": "At most {count} of such alerts is given",
    "threshold": "One alert for every {count} packets that fit",
    "both": "One alert once {count} packets fit",
}

TRACKS_READ: Mapping[str, str] = {
    "by_src": ", counted by source",
    "by_dst": ", counted by destination",
    "by_both": ", counted by pair of source and destination",
    "by_rule": ", counted for the rule as a whole",
    "by_flow": ", counted by flow",
}

BUFFERS: Mapping[str, str] = {
    "http.uri": "the address that an HTTP request asks for",
    "http.method": "the method of an HTTP request",
    "http.host": "the host that an HTTP request names",
    "http.user_agent": "the User-Agent of an HTTP request",
    "http.request_body": "the body of an HTTP request",
    "http.response_body": "the body of an HTTP response",
    "http.stat_code": "the status code of an HTTP response",
    "http.header": "the headers of HTTP",
    "http.cookie": "the cookies of HTTP",
    "dns.query": "the name that a DNS query asks for",
    "tls.sni": "the server name that a TLS client asks for",
    "tls.cert_subject": "the subject of a TLS certificate",
    "file.data": "the content of a file that is transferred",
    "pkt_data": "the packet's payload",
}

OPTIONS_READ: Mapping[str, Callable[[str], str]] = {
    "msg": _says("The text that the alert shows. Its author's words, not a finding."),
    "flow": _flow_reads,
    "flags": flags_read,
    "content": _content_reads,
    "threshold": _threshold_reads,
    "detection_filter": lambda value: _threshold_reads(f"type threshold, {value}"),
    "reference": _reference_reads,
    "dsize": _dsize_reads,
    "nocase": _says("Capital and small letters count as the same in the pattern before."),
    "depth": _says("The pattern before must lie within the first {value} bytes."),
    "offset": _says("The pattern before is looked for from byte {value} on."),
    "distance": _says("At least {value} bytes lie between this pattern and the one before."),
    "within": _says("The pattern must end within {value} bytes after the one before."),
    "fast_pattern": _says("This pattern is looked for first. It changes the speed, not the meaning."),
    "rawbytes": _says("The pattern is looked for in the bytes as they came."),
    "pcre": _says("The regular expression must match."),
    "itype": _says("The type of the ICMP message must be {value}."),
    "icode": _says("The code of the ICMP message must be {value}."),
    "ttl": _says("The packet's time to live must be {value}."),
    "window": _says("The TCP window must be {value}."),
    "seq": _says("The TCP sequence number must be {value}."),
    "ack": _says("The TCP acknowledgement number must be {value}."),
    "app-layer-protocol": _says("The sensor must have recognised the application as {value}."),
    "service": _says("The sensor must have recognised the application as {value}."),
    "flowbits": _says("A mark that rules set on a flow and ask for: {value}."),
    "target": _says("Its author says which side is the target: {value}. It is a claim, as the message is."),
    "classtype": _says("Its author files it under {value}, which also sets a default priority."),
    "priority": _says("How urgent its author holds it: {value}, where 1 is the most urgent."),
    "metadata": _says("Notes for people and tools. They change nothing of what fits."),
    "sid": _says("The rule's number, {value}."),
    "rev": _says("The rule's revision, {value}."),
    "gid": _says("The part of the sensor that the rule belongs to, {value}."),
}
