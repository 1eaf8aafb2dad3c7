"""Answers that a sensor's parser wrote down: what it read is what stands in the payload."""

from __future__ import annotations

from ..types import LogRecord
from .dialogue import Answer

# RFC 4120, 7.5.9: these only ask the client to try again in another way.
KERBEROS_AGAIN = frozenset({"KDC_ERR_PREAUTH_REQUIRED", "KRB_ERR_RESPONSE_TOO_BIG"})
TICKETS = {"KRB_AS_REP": "AS-REP", "KRB_TGS_REP": "TGS-REP"}


def answer_of(record: LogRecord) -> Answer | None:
    """The answer in a record of Suricata's krb5 or smb events (output-json-krb5.c and rust/src/smb/log.rs)."""
    reader = {"krb5": _kerberos, "smb": _share}.get(record.service)
    return reader(record) if reader else None


def _kerberos(record: LogRecord) -> Answer | None:
    kind, error = record.fields.get("msg_type", ""), record.fields.get("error_code", "")
    if kind in TICKETS:
        return Answer("answer.kerberos", is_accepted=True, location=record.location, code=TICKETS[kind])
    if kind != "KRB_ERROR" or not error or error in KERBEROS_AGAIN:
        return None
    return Answer("answer.kerberos", is_accepted=False, location=record.location, code=error)


def _share(record: LogRecord) -> Answer | None:
    """A session's setup is a login, which the reader tells; a tree that is refused is a share."""
    command, status = record.fields.get("command", ""), record.fields.get("status", "")
    refuses = status.startswith("STATUS_") and any(
        word in status for word in ("DENIED", "BAD_NETWORK", "INVALID")
    )
    if "TREE_CONNECT" not in command or not refuses:
        return None
    return Answer("answer.smb_share", is_accepted=False, location=record.location, code=status)
