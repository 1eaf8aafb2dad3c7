"""What Suricata's parsers log of a flow: http, dns, tls, ssh, ftp, smtp, smb, and what was odd about them.

Source: Suricata's output-json-*.c and schema.json. All of these print the flow's ends, client first, but for dns: its
records of format 3 print the addresses of the message's packet. Nothing is read of a TCP connection without a session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.sensors.segments import is_fin
from tickets.simulator.sensors.spoken.dns import Message, read_messages
from tickets.simulator.sensors.spoken.http import Exchange, Request, read_exchanges
from tickets.simulator.sensors.spoken.lines import read_commands, read_greetings
from tickets.simulator.sensors.spoken.recognition import recognise
from tickets.simulator.sensors.spoken.smb import read_smb
from tickets.simulator.sensors.spoken.tls import read_handshake
from tickets.simulator.sensors.spoken.turns import Turn, take_turns
from tickets.simulator.sensors.suricata_flows import Tracked

LOGGED_AFTER_NS = 40_000
TLS_VERSIONS = {0x0301: "TLSv1", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
Details = dict[str, Any]
Ends = tuple[Endpoint, Endpoint]


class Application(NamedTuple):
    """One event: its type and time, the ends that it prints, and the objects that stand in it."""

    kind: str
    time_ns: int
    ends: Ends
    details: Details


def name_application(tracked: Tracked) -> str:
    """`app_proto`: empty where nothing could be read, or nothing is known."""
    if tracked.account.protocol is Protocol.TCP and not (tracked.was_established and _is_read(tracked)):
        return ""
    if tracked.account.protocol is Protocol.UDP and _is_lone_answer(tracked):
        return ""
    return recognise(tracked.account, take_turns(tracked.account))


def _is_read(tracked: Tracked) -> bool:
    """A server's data are read when the client acknowledges them or the server has closed."""
    account = tracked.account
    return bool(account.sent(from_orig=True)) or any(map(is_fin, account.packets))


def _is_lone_answer(tracked: Tracked) -> bool:
    """An answer of DNS that is held for the client's fits no parser."""
    first = tracked.account.packets[0]
    data = first.packet.payload
    is_answer = first.packet.src.port == 53 and len(data) >= 12 and bool(data[2] & 0x80)
    return is_answer and tracked.account.is_from_orig(first)


def read_applications(tracked: Tracked, *, dns_version: int) -> tuple[Application, ...]:
    """The events of a flow's parser, in order of time."""
    account = tracked.account
    name, turns = name_application(tracked), take_turns(account)
    if name == "dns":
        messages = read_messages(turns, over_tcp=account.protocol is Protocol.TCP)
        return tuple(_dns_events(tracked, messages, dns_version))
    read = READERS.get(name)
    return tuple(read(tracked, turns)) if read else ()


def _both(tracked: Tracked) -> Ends:
    return tracked.account.orig, tracked.account.resp


def _http_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    for number, exchange in enumerate(read_exchanges(turns)):
        time_ns = exchange.time_ns + LOGGED_AFTER_NS
        if exchange.answered is None:  # told when the flow is given up
            time_ns = tracked.account.end_ns + tracked.timeout_ns
        yield Application("http", time_ns, _both(tracked), {"tx_id": number, "http": _http(exchange)})
        if exchange.asked is None:
            # The packet that made the parser read is the client's acknowledgement, where one was seen.
            acknowledged = bool(tracked.account.sent(from_orig=True))
            yield Application(
                "anomaly",
                exchange.time_ns + LOGGED_AFTER_NS,
                _both(tracked) if acknowledged else _both(tracked)[::-1],
                {
                    "tx_id": number,
                    "anomaly": {
                        "app_proto": "http",
                        "type": "applayer",
                        "event": "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST",
                        "layer": "proto_parser",
                    },
                },
            )


def _http(exchange: Exchange) -> Details:
    asked, answered = exchange.asked, exchange.answered
    details: Details = _asked(asked) if asked else {"http_port": 0, "url": "/libhtp::request_uri_not_seen"}
    if answered is None:
        return _present(details) | {"length": 0}
    details |= {
        "http_content_type": answered.headers.get("content-type", "").partition(";")[0],
        "status": answered.status,
        "redirect": answered.headers.get("location", ""),
    }
    return _present(details) | {"length": answered.body_bytes}


def _asked(asked: Request) -> Details:
    return {
        "hostname": asked.headers.get("host", "").partition(":")[0],
        "url": asked.target,
        "http_user_agent": asked.headers.get("user-agent", ""),
        "xff": asked.headers.get("x-forwarded-for", ""),
        "http_refer": asked.headers.get("referer", ""),
        "http_method": asked.method,
        "protocol": f"HTTP/{asked.version}",
    }


def _present(details: Details) -> Details:
    """Fields without a value are left out."""
    return {name: value for name, value in details.items() if value != ""}


def _tls_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    seen = read_handshake(turns)
    if seen is None:
        return
    details: Details = {"sni": seen.server_name} if seen.server_name else {}
    details["version"] = TLS_VERSIONS.get(seen.version, "UNDETERMINED")
    details |= {"ja3": {}, "ja3s": {}}
    yield Application("tls", seen.time_ns + LOGGED_AFTER_NS, _both(tracked), {"tls": details})


def _ssh_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    seen = read_greetings(turns)
    if seen is None or seen.client is None or seen.server is None:
        return
    details = {
        side: {"proto_version": version, "software_version": software.partition(" ")[0]}
        for side, (version, software) in (("client", seen.client), ("server", seen.server))
    }
    yield Application("ssh", seen.time_ns + LOGGED_AFTER_NS, _both(tracked), {"ssh": details})


def _ftp_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    for number, command in enumerate(read_commands(turns)):
        details: Details = {"command": command.verb} if command.verb else {}
        if command.argument:
            details["command_data"] = command.argument
        if command.replies:
            details["completion_code"] = [code for code, _ in command.replies]
            details["reply"] = [text for _, text in command.replies]
        details["reply_received"] = "yes" if command.replies else "no"
        yield Application(
            "ftp", command.time_ns + LOGGED_AFTER_NS, _both(tracked), {"tx_id": number, "ftp": details}
        )


def _smtp_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    """One event a message: from MAIL to the end of its data."""
    helo, sender, time_ns, number = "", "", 0, 0
    recipients: list[str] = []
    for command in read_commands(turns):
        if command.verb in ("EHLO", "HELO"):
            helo = command.argument
        elif command.verb == "MAIL":
            sender = command.argument.partition(":")[2].strip().partition(" ")[0]
        elif command.verb == "RCPT":
            recipients.append(command.argument.partition(":")[2].strip())
        elif command.verb == "DATA" and sender:
            details = {"helo": helo, "mail_from": sender, "rcpt_to": list(recipients)}
            time_ns = command.time_ns + LOGGED_AFTER_NS
            yield Application("smtp", time_ns, _both(tracked), {"tx_id": number, "smtp": details})
            sender, number = "", number + 1
            recipients.clear()
    if helo and not number:
        details = {"helo": helo, **({"mail_from": sender} if sender else {})}
        time_ns = tracked.account.end_ns + LOGGED_AFTER_NS
        yield Application("smtp", time_ns, _both(tracked), {"tx_id": 0, "smtp": details})


def _smb_events(tracked: Tracked, turns: tuple[Turn, ...]) -> Iterator[Application]:
    dialect = ""
    for number, command in enumerate(read_smb(turns), 1):
        dialect = command.dialect or dialect
        details: Details = {"id": number, "dialect": dialect or "unknown", "command": command.name}
        if command.status:
            details |= {"status": command.status, "status_code": f"{command.code:#x}"}
        details |= {"session_id": command.session, "tree_id": command.tree}
        if command.user:
            details["ntlmssp"] = {
                "domain": command.domain,
                "user": command.user,
                "host": command.workstation,
            }
        if command.share:
            details["share"] = command.share
        yield Application(
            "smb", command.time_ns + LOGGED_AFTER_NS, _both(tracked), {"tx_id": number - 1, "smb": details}
        )


def _dns_events(tracked: Tracked, messages: tuple[Message, ...], version: int) -> Iterator[Application]:
    client_first = _both(tracked)
    for number, message in enumerate(messages):
        as_packet = client_first if message.from_orig else client_first[::-1]
        ends = as_packet if version == 3 else client_first
        details = _dns3(message, number) if version == 3 else _dns2(message)
        yield Application("dns", message.time_ns + LOGGED_AFTER_NS, ends, {"dns": details})


def _dns3(message: Message, number: int) -> Details:
    details: Details = {
        "version": 3,
        "type": "response" if message.is_answer else "request",
        "tx_id": number,
        "id": message.number,
        **_dns_flags(message),
        "opcode": 0,
        "rcode": message.rcode,
        "queries": [{"rrname": name, "rrtype": kind} for name, kind in message.names],
    }
    return details | (_dns_answers(message) if message.is_answer else {})


def _dns2(message: Message) -> Details:
    name, kind = message.names[0] if message.names else ("", "")
    if not message.is_answer:
        asked: Details = {"version": 2, "type": "query", "id": message.number, "rrname": name, "rrtype": kind}
        return asked | {"tx_id": 0, "opcode": 0}
    return {
        "version": 2,
        "type": "answer",
        "id": message.number,
        **_dns_flags(message),
        "opcode": 0,
        "rrname": name,
        "rrtype": kind,
        "rcode": message.rcode,
        **_dns_answers(message),
    }


def _dns_flags(message: Message) -> Details:
    bits = (("qr", 0x8000), ("aa", 0x0400), ("tc", 0x0200), ("rd", 0x0100), ("ra", 0x0080))
    return {"flags": f"{message.flags:x}"} | {name: True for name, bit in bits if message.has(bit)}


def _dns_answers(message: Message) -> Details:
    if not message.answers:
        return {}
    grouped: dict[str, list[str]] = {}
    for answer in message.answers:
        grouped.setdefault(answer.kind, []).append(answer.data)
    listed = [
        {"rrname": answer.name, "rrtype": answer.kind, "ttl": answer.ttl_s, "rdata": answer.data}
        for answer in message.answers
    ]
    return {"answers": listed, "grouped": grouped}


READERS = {
    "http": _http_events,
    "tls": _tls_events,
    "ssh": _ssh_events,
    "ftp": _ftp_events,
    "smtp": _smtp_events,
    "smb": _smb_events,
}
