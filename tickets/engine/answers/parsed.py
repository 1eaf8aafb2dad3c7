"""Answers that a sensor's parser wrote down: what it read is what stands in the payload.

Source: Suricata's krb5 and smb events (output-json-krb5.c, rust/src/smb/log.rs); Zeek's ftp.log, ldap.log, rdp.log,
smtp.log and socks.log (base/protocols). A parser that keeps only the last reply, or only that a bind succeeded, shows
a refusal and no success: the last reply may be to another command, and the bind may be anonymous.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..types import LogRecord
from .dialogue import Answer
from .messaging import FTP_LOGIN, SMTP_RECIPIENT

# RFC 4120, 7.5.9: these only ask the client to try again in another way.
KERBEROS_AGAIN = frozenset({"KDC_ERR_PREAUTH_REQUIRED", "KRB_ERR_RESPONSE_TOO_BIG"})
TICKETS = {"KRB_AS_REP": "AS-REP", "KRB_TGS_REP": "TGS-REP"}
LDAP_OPEN = frozenset({"", "success", "sasl bind in progress"})
SHARE_REFUSALS = ("DENIED", "BAD_NETWORK", "INVALID")


def answer_of(record: LogRecord) -> Answer | None:
    """The application's answer in a record of a sensor, None where it neither accepts nor refuses."""
    reader = READERS.get(record.service) if record.source.startswith(("suricata.", "zeek.")) else None
    return reader(record) if reader else None


def _answer(record: LogRecord, rule: str, code: str, *, is_accepted: bool) -> Answer:
    return Answer(rule, is_accepted, record.location, code)


def _kerberos(record: LogRecord) -> Answer | None:
    kind, error = record.fields.get("msg_type", ""), record.fields.get("error_code", "")
    if kind in TICKETS:
        return _answer(record, "answer.kerberos", TICKETS[kind], is_accepted=True)
    if kind != "KRB_ERROR" or not error or error in KERBEROS_AGAIN:
        return None
    return _answer(record, "answer.kerberos", error, is_accepted=False)


def _share(record: LogRecord) -> Answer | None:
    """A session's setup is a login, which the reader tells; a tree that is refused is a share."""
    command, status = record.fields.get("command", ""), record.fields.get("status", "")
    refuses = status.startswith("STATUS_") and any(word in status for word in SHARE_REFUSALS)
    if "TREE_CONNECT" not in command or not refuses:
        return None
    return _answer(record, "answer.smb_share", status, is_accepted=False)


def _ftp(record: LogRecord) -> Answer | None:
    code = record.fields.get("reply_code", "")
    return (
        _answer(record, "answer.ftp_login", code, is_accepted=code[0] == "2") if code in FTP_LOGIN else None
    )


def _smtp(record: LogRecord) -> Answer | None:
    code = record.fields.get("last_reply", "")[:3]
    return (
        _answer(record, "answer.smtp_recipient", code, is_accepted=False) if code in SMTP_RECIPIENT else None
    )


def _ldap(record: LogRecord) -> Answer | None:
    result = record.fields.get("result", "")
    if not record.fields.get("opcode", "").startswith("bind") or result.lower() in LDAP_OPEN:
        return None
    return _answer(record, "answer.ldap_bind", result, is_accepted=False)


def _rdp(record: LogRecord) -> Answer | None:
    """Zeek's names of [MS-RDPBCGR] 2.2.1.2.2; a negotiation that went on is `encrypted` or `Success`."""
    result = record.fields.get("result", "")
    is_refusal = "_SERVER" in result or result == "INCONSISTENT_FLAGS"
    return _answer(record, "answer.rdp_negotiation", result, is_accepted=False) if is_refusal else None


def _socks(record: LogRecord) -> Answer | None:
    status = record.fields.get("status", "")
    return _answer(record, "answer.socks", status, is_accepted=status == "succeeded") if status else None


READERS: Mapping[str, Callable[[LogRecord], Answer | None]] = {
    "krb5": _kerberos,
    "smb": _share,
    "ftp": _ftp,
    "smtp": _smtp,
    "ldap": _ldap,
    "rdp": _rdp,
    "socks": _socks,
}
