"""Windows Security events 4624 and 4625: a logon over the network that was accepted, or failed.

Source: Microsoft, audit events 4624 and 4625. The source network address is the client's; the server is the computer
that writes, by name, and its port is not printed (0). A logon at the machine itself has no conversation, and one of
ANONYMOUS LOGON is a null session: that it was opened is no login.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from ..types import Basis, Endpoint, Location, LogRecord, Protocol, Statement
from . import siem
from .values import address, port

STATEMENTS = {4624: Statement.AUTHENTICATED, 4625: Statement.AUTHENTICATION_FAILED}
RESULTS = {Statement.AUTHENTICATED: "accepted", Statement.AUTHENTICATION_FAILED: "failed"}
LOGON_TYPES = {
    "3": "network logon", "5": "service logon", "7": "unlock", "8": "network logon in clear text",
    "9": "new credentials", "10": "remote interactive logon", "11": "cached logon",
}  # fmt: skip
REMOTE_DESKTOP = "10"
NOBODY = "anonymous logon"


def logon_of(
    location: Location,
    number: int,
    time_ns: int,
    source: str,
    computer: str,
    data: Mapping[str, str],
    raw: str,
) -> LogRecord | None:
    """The record of a logon; None where no client's address is given (names of `data` as in `filtering_platform`)."""
    given = data.get("ipaddress") or data.get("sourcenetworkaddress") or "-"
    if given == "-" or ip_address(address(given)).is_loopback:
        return None
    number_given = data.get("ipport") or data.get("sourceport") or "-"
    client = Endpoint(address(given), 0 if number_given == "-" else port(number_given))
    server = Endpoint(computer.lower(), 0)
    user, kind = data.get("targetusername") or "", data.get("logontype") or ""
    statement = STATEMENTS[number]
    is_nobody = statement is Statement.AUTHENTICATED and user.lower() == NOBODY
    fields = {
        "event": str(number),
        "result": "null session" if is_nobody else RESULTS[statement],
        "user": user,
        "method": LOGON_TYPES.get(kind, f"logon type {kind}" if kind else ""),
        "reason": data.get("substatus") or data.get("status") or "",
        "computer": computer.lower(),
    }
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=Protocol.TCP,
        src=client,
        dst=server,
        statement=Statement.ACCEPTED if is_nobody else statement,
        orig=client,
        resp=server,
        basis=Basis.HOST,
        service="rdp" if kind == REMOTE_DESKTOP else "",
        fields=siem.texts(fields),
        raw=raw,
    )
