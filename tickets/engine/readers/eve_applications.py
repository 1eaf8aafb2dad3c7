"""What Suricata's parsers read: whose addresses an application event prints, and what the two sides said.

Source: Suricata's output.c, output-json.c (JsonAddrInfoInit) and output-json-*.c. Three ways to print addresses:

* the flow's, client first (LOG_DIR_FLOW): most protocols. So did dns from version 2 on; version 1 printed an
  answer's packet. Of an answer the side on DNS's port is the server, and where neither port tells, the second.
* the direction in which the message or file travelled: mqtt, fileinfo.
* the packet's on which the event was written (LOG_DIR_PACKET). Over UDP that is the message's own packet. Over TCP
  it may be the acknowledgement that comes from the other side, so it names nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..ports import service_on
from ..traffic import is_group
from ..types import Basis, Endpoint, Protocol, Statement
from .values import inner, text

CLIENT_FIRST = frozenset({
    "http", "http2", "tls", "ssh", "smb", "smtp", "ftp", "ftp_data", "dcerpc", "pgsql", "mysql", "modbus", "dnp3",
    "enip", "ldap", "pop3", "telnet", "mdns", "doh2",
})  # fmt: skip
SENDER_FIRST = frozenset({
    "tftp", "krb5", "quic", "sip", "snmp", "dhcp", "ike", "ikev2", "rdp", "rfb", "websocket", "nfs", "rpc", "redis",
    "bittorrent_dht", "mqtt", "fileinfo", "frame",
})  # fmt: skip
APPLICATIONS = CLIENT_FIRST | SENDER_FIRST | {"dns"}
# Events that are written under another protocol's name: DNS over HTTP/2 has both, and its addresses are HTTP's.
WITHIN = {"http2": "http", "doh2": "dns"}
# Both sides of SSH greet alike, file data is only data, and neither TLS turns its flow nor DCE/RPC the right way: here the
# flow's sides rest on how it began.
UNCHECKED = frozenset({"ssh", "ftp_data", "sip", "bittorrent_dht", "tls", "dcerpc"})
# Read of a ClientHello only, and of the side that is held for the client (RFC 6066, 3).
ASKED_FOR = frozenset({"sni", "ja3", "ja4"})
ANSWERS = frozenset({"answer", "response"})
MQTT_ASKS = frozenset({"connect", "subscribe", "unsubscribe", "pingreq", "disconnect"})
MQTT_ANSWERS = frozenset({"connack", "suback", "unsuback", "pingresp"})
# What is kept beside the protocol's name, under the names that the sensor gives it.
WANTED = {
    "http": ("http_method", "hostname", "url", "status"),
    "http2": ("http_method", "hostname", "url", "status"),
    "tls": ("sni", "version", "subject"),
    "dns": ("type", "rrname", "rcode"),
    "mdns": ("type", "rrname", "rcode"),
    "doh2": ("type", "rrname", "rcode"),
    "smb": ("command", "status", "filename", "share"),
    "ftp": ("command", "command_data"),
    "ftp_data": ("filename", "command"),
    "smtp": ("helo", "mail_from"),
    "krb5": ("msg_type", "cname", "sname", "error_code"),
    "snmp": ("version", "pdu_type", "community"),
    "sip": ("method", "uri", "code"),
    "tftp": ("packet", "file"),
    "dhcp": ("type", "dhcp_type", "assigned_ip", "client_mac"),
    "ike": ("role",),
    "ikev2": ("role",),
    "quic": ("version", "sni"),
    "rdp": ("event_type",),
    "nfs": ("procedure", "filename", "status"),
    "fileinfo": ("filename", "state", "size"),
}
# Replies to a password: RFC 959, 5.4 (FTP); [MS-ERREF] 2.3 (SMB).
FTP_LOGINS = {"230": Statement.AUTHENTICATED, "530": Statement.AUTHENTICATION_FAILED}
SMB_LOGINS = {
    "STATUS_SUCCESS": Statement.AUTHENTICATED,
    "STATUS_LOGON_FAILURE": Statement.AUTHENTICATION_FAILED,
    "STATUS_WRONG_PASSWORD": Statement.AUTHENTICATION_FAILED,
    "STATUS_NO_SUCH_USER": Statement.AUTHENTICATION_FAILED,
    "STATUS_ACCOUNT_LOCKED_OUT": Statement.AUTHENTICATION_FAILED,
    "STATUS_ACCOUNT_DISABLED": Statement.AUTHENTICATION_FAILED,
    "STATUS_PASSWORD_EXPIRED": Statement.AUTHENTICATION_FAILED,
}
RESULTS = {Statement.AUTHENTICATED: "accepted", Statement.AUTHENTICATION_FAILED: "failed"}

Details = dict[str, Any]


class Application(NamedTuple):
    """What the parser says: who asks (None: the event does not tell), and whether the other side answered."""

    service: str
    client: Endpoint | None
    basis: Basis
    statement: Statement
    fields: dict[str, str]


def application(event: Details, protocol: Protocol, src: Endpoint, dst: Endpoint) -> Application:
    """Read an application event whose addresses are printed as `src` and `dst`."""
    kind = text(event, "event_type")
    details = inner(event, WITHIN.get(kind, kind))
    statement = _login(kind, details) or (
        Statement.ANSWERED if _is_answered(kind, details) else Statement.SEEN
    )
    fields = {
        name: str(details[name]) for name in WANTED.get(kind, ()) if isinstance(details.get(name), str | int)
    }
    asked = details.get("queries")  # version 3 of dns
    if isinstance(asked, list) and asked and isinstance(asked[0], dict) and "rrname" in WANTED.get(kind, ()):
        fields.setdefault("rrname", text(asked[0], "rrname"))
    if statement in RESULTS:
        fields |= {"result": RESULTS[statement], "user": _user(details)}
    return Application(
        service=text(event, "app_proto") if kind in ("fileinfo", "frame") else kind,
        client=_client(kind, details, protocol, src, dst),
        basis=Basis.TRACKED if kind in UNCHECKED and not details.keys() & ASKED_FOR else Basis.PARSER,
        statement=statement,
        fields={name: value for name, value in fields.items() if value},
    )


def _client(kind: str, details: Details, protocol: Protocol, src: Endpoint, dst: Endpoint) -> Endpoint | None:
    if kind == "dns":
        return _dns_client(details, protocol, src, dst)
    if kind in CLIENT_FIRST:
        return src
    if kind != "mqtt" and protocol is not Protocol.UDP:
        return None
    asks = ASKS.get(kind, _tells_nothing)(details)
    if asks is None or (not asks and is_group(dst.ip)):
        return None
    return src if asks else dst


def _dns_client(details: Details, protocol: Protocol, src: Endpoint, dst: Endpoint) -> Endpoint:
    is_from_server = bool(service_on(protocol, src.port)) and not service_on(protocol, dst.port)
    return dst if text(details, "type") in ANSWERS and is_from_server else src


# Does the message ask (True) or answer (False)? None where its kind does not tell.


def _tells_nothing(details: Details) -> bool | None:
    return None


def _krb5_asks(details: Details) -> bool | None:
    kind = text(details, "msg_type")
    return kind.endswith("_REQ") if kind.endswith(("_REQ", "_REP", "_ERROR")) else None


def _snmp_asks(details: Details) -> bool | None:
    kind = text(details, "pdu_type")
    return kind not in ("response", "report") if kind else None


def _sip_asks(details: Details) -> bool | None:
    if "method" in details:
        return True
    return False if "code" in details else None


def _dhcp_asks(details: Details) -> bool | None:
    return {"request": True, "reply": False}.get(text(details, "type"))


def _ike_asks(details: Details) -> bool | None:
    return {"initiator": True, "responder": False}.get(text(details, "role"))


def _tftp_asks(details: Details) -> bool | None:
    return True if text(details, "packet") in ("read", "write") else None


def _quic_asks(details: Details) -> bool | None:
    """Only a ClientHello names a server (RFC 6066, 3)."""
    return True if text(details, "sni") else None


def _dht_asks(details: Details) -> bool | None:
    if "request_type" in details:
        return True
    return False if "response" in details or "error" in details else None


def _mqtt_asks(details: Details) -> bool | None:
    """OASIS MQTT 5.0, 2.1.2: the control packets that only one side may send."""
    if details.keys() & MQTT_ASKS:
        return True
    return False if details.keys() & MQTT_ANSWERS else None


ASKS: dict[str, Callable[[Details], bool | None]] = {
    "krb5": _krb5_asks,
    "snmp": _snmp_asks,
    "sip": _sip_asks,
    "dhcp": _dhcp_asks,
    "ike": _ike_asks,
    "ikev2": _ike_asks,  # Suricata 5 and 6
    "tftp": _tftp_asks,
    "quic": _quic_asks,
    "bittorrent_dht": _dht_asks,
    "mqtt": _mqtt_asks,
}


# Did the other side answer?


def _is_answered(kind: str, details: Details) -> bool:
    if kind in ("http", "http2", "smb", "nfs"):
        return bool(details.get("status"))
    if kind in ("dns", "mdns", "doh2"):
        return text(details, "type") in ANSWERS
    if kind == "tls":  # the version is the ServerHello's
        return text(details, "version") not in ("", "UNDETERMINED") or "subject" in details
    if kind == "ssh":
        return bool(inner(details, "server"))
    if kind == "ftp":
        return bool(details.get("completion_code"))
    if kind == "mqtt":
        return bool(details.keys() & MQTT_ANSWERS)
    if kind in ("krb5", "snmp", "sip", "dhcp"):
        return ASKS[kind](details) is False
    return bool(details.get("response") or details.get("responses"))


def _login(kind: str, details: Details) -> Statement | None:
    """The server's reply to a password, where the parser shows both."""
    if kind == "ftp" and text(details, "command").upper() == "PASS":
        codes = details.get("completion_code")
        return FTP_LOGINS.get(str(codes[0])) if isinstance(codes, list) and codes else None
    if kind == "smb" and "SESSION_SETUP" in text(details, "command") and _user(details):
        return SMB_LOGINS.get(text(details, "status"))
    return None


def _user(details: Details) -> str:
    """A null session has no user, and opening one is no login."""
    return text(inner(details, "ntlmssp"), "user")
