"""What Zeek's parsers of protocols wrote: dns.log, http.log, ssl.log, ssh.log and their like.

Source: Zeek's base/protocols/*/main.zeek. `id.orig_h` asks, as the parser reads it: one row is a request with its
answer. None of these logs but dns.log names the transport; it follows from the protocol, and from the version where
TLS runs over UDP. Addresses that HTTP passes on (`proxied`) are no ends of the connection. Whether an SSH login
succeeded is Zeek's guess from the sizes of encrypted packets (`auth_success`), so it is no login here.
"""

from __future__ import annotations

from typing import NamedTuple

from ..types import Basis, Location, LogRecord, Protocol, Statement
from .values import BadRecord, endpoint, protocol
from .zeek_rows import Values, set_text, time_ns, told


class Log(NamedTuple):
    """One log: its protocol, the fields that only an answer fills, and those that are kept."""

    service: str
    transport: Protocol | None  # None: the row tells
    answers: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    basis: Basis = Basis.PARSER


TCP, UDP = Protocol.TCP, Protocol.UDP
# Both sides of SSH and RFB greet alike, so their sides are those of the connection.
LOGS = {
    "dns": Log(
        "dns",
        None,
        ("rcode", "rcode_name", "answers", "rtt"),
        ("query", "qtype_name", "rcode_name", "rejected"),
    ),
    "http": Log("http", TCP, ("status_code",), ("method", "host", "uri", "status_code", "proxied")),
    "ssl": Log("tls", None, ("version", "cipher"), ("server_name", "version", "established", "ssl_history")),
    "ssh": Log(
        "ssh",
        TCP,
        ("server",),
        ("auth_success", "auth_attempts", "direction", "client", "server"),
        Basis.TRACKED,
    ),
    "dce_rpc": Log("dcerpc", TCP, ("rtt",), ("endpoint", "operation")),
    "ftp": Log("ftp", TCP, ("reply_code",), ("user", "command", "arg", "reply_code")),
    "irc": Log("irc", TCP, (), ("nick", "command")),
    "ldap": Log("ldap", None, ("result",), ("opcode", "result")),
    "modbus": Log("modbus", TCP, ("exception",), ("func", "exception")),
    "mysql": Log("mysql", TCP, ("success",), ("cmd", "success")),
    "ntlm": Log("ntlm", TCP, ("server_nb_computer_name", "success"), ("username", "hostname", "success")),
    "ntp": Log("ntp", UDP, (), ("mode",)),
    "postgresql": Log("postgresql", TCP, ("success", "backend"), ("user", "success")),
    "quic": Log("quic", UDP, ("server_scid",), ("server_name", "version")),
    "radius": Log("radius", UDP, ("result",), ("username", "result")),
    "rdp": Log("rdp", TCP, ("result", "security_protocol"), ("cookie", "result")),
    "rfb": Log("rfb", TCP, ("server_major_version",), ("auth",), Basis.TRACKED),
    "sip": Log("sip", UDP, ("status_code",), ("method", "uri", "status_code")),
    "smb_files": Log("smb", TCP, (), ("action", "path", "name")),
    "smb_mapping": Log("smb", TCP, ("share_type",), ("path",)),
    "smtp": Log("smtp", TCP, ("last_reply",), ("helo", "mailfrom", "last_reply")),
    "snmp": Log("snmp", UDP, (), ("version", "community")),
    "socks": Log("socks", TCP, ("status",), ("request.host", "status")),
}
# Rows that record a login, and the server's reply to it.
LOGINS = {"mysql": ("cmd", "login"), "ntlm": ("username", "")}
NAMES = {"status_code": "status"}


def protocol_log(path: str, location: Location, values: Values, line: str) -> LogRecord | None:
    """Return one row of a protocol's log; None for a transport without conversations here."""
    log = LOGS[path]
    spoken = log.transport or _transport(path, values)
    if spoken is None:
        return None
    orig = endpoint(values.get("id.orig_h"), values.get("id.orig_p"))
    resp = endpoint(values.get("id.resp_h"), values.get("id.resp_p"))
    return LogRecord(
        location=location,
        source=f"zeek.{path}",
        time_ns=time_ns(values.get("ts")),
        protocol=spoken,
        src=orig,
        dst=resp,
        statement=_login(path, values)
        or (Statement.ANSWERED if _is_answered(log, values) else Statement.SEEN),
        orig=orig,
        resp=resp,
        basis=log.basis,
        service=log.service,
        community_id=set_text(values.get("community_id")),
        flow_id=set_text(values.get("uid")),
        fields={NAMES.get(name, name): word for name in log.wanted if (word := _word(values.get(name)))},
        raw=line,
    )


def _transport(path: str, values: Values) -> Protocol | None:
    if path == "ssl":
        return UDP if set_text(values.get("version")).startswith("DTLS") else TCP
    if not set_text(values.get("proto")):
        raise BadRecord("the field proto is missing")
    return protocol(values["proto"])


def _is_answered(log: Log, values: Values) -> bool:
    return any(_word(values.get(name)) for name in log.answers)


def _word(value: object) -> str:
    """Return a value as it is written; sets and vectors of JSON as in text."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, list):
        return ",".join(str(item) for item in value[:16])
    return set_text(value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _login(path: str, values: Values) -> Statement | None:
    """Zeek's `success` is the server's own reply."""
    name, wanted = LOGINS.get(path, ("", ""))
    given = set_text(values.get(name)) if name else ""
    success = told(values.get("success"))
    if not given or (wanted and given != wanted) or success is None:
        return None
    return Statement.AUTHENTICATED if success else Statement.AUTHENTICATION_FAILED
