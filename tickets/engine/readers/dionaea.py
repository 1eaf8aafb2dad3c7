"""What one session of the decoy dionaea means, whichever way it is written down.

The log prints the remote side as source, always. Who opened the conversation is in the session's
type: the remote side for `accept`, `reject` and `pending`, the decoy itself for `connect`.
`reject` is the answer to a bare SYN (the module pcap watches for a reset with sequence number 0).
"""

from __future__ import annotations

from ..types import Basis, Endpoint, Location, LogRecord, Statement, Views
from .values import BadRecord, protocol

STATEMENTS = {
    "accept": Statement.ACCEPTED,
    "reject": Statement.REFUSED,
    "pending": Statement.SEEN,
    "connect": Statement.CONNECTED_OUT,
}
# The modules that only watch for packets: nothing was spoken. `ip` is a constant of hpfeeds-logger.
NO_SERVICES = ("ip", "nfq", "pcap")


def session(
    location: Location,
    source: str,
    time_ns: int,
    *,
    action: str,
    transport: str,
    remote: Endpoint,
    local: Endpoint,
    service: str,
    raw: str,
    translated: Views = (),
) -> LogRecord | None:
    """Return the record of one session; None when its transport has no conversations here (tls is tcp)."""
    spoken = protocol("tcp" if transport == "tls" else transport)
    if action not in STATEMENTS:
        raise BadRecord(f"{action[:40]!r} is not a type of session that dionaea knows")
    if spoken is None:
        return None
    statement = STATEMENTS[action]
    dialled_out = statement is Statement.CONNECTED_OUT
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=remote,
        dst=local,
        statement=statement,
        orig=local if dialled_out else remote,
        resp=remote if dialled_out else local,
        basis=Basis.DECOY,
        translated=translated,
        service="" if service in NO_SERVICES else service,
        fields={"action": action},
        raw=raw,
    )
