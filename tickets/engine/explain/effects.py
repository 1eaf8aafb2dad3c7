"""Words for what an attempt achieved: by the target's answer, and by what the application said (`effect`, `answers`)."""

from __future__ import annotations

from collections.abc import Mapping

from .lessons import (
    ANSWER,
    DECOY_LOGIN,
    EFFECT,
    LOGIN,
    POLICY,
    REFUSED,
    REJECTED,
    UNANSWERED,
    Words,
)


def _asked(accepted: str, refused: str) -> Words:
    return Words({"success": accepted, "failed": refused}, ANSWER)


WORDS: Mapping[str, Words] = {
    "effect.authenticated": Words(
        "The record of the login says that it was accepted: the attempt succeeded.", LOGIN
    ),
    "effect.authentication_failed": Words(
        "The record of the login says that it failed ({attempts:time}), and none was accepted.", LOGIN
    ),
    "effect.application_refused": Words(
        "The web server answered every request with {status}: the connection stood, and the application did not do "
        "what it was asked.",
        EFFECT,
    ),
    "effect.decoy_accepted": Words(
        "The decoy let a login in ({attempts:time}): that is the decoy's own choice, and nothing real was entered.",
        DECOY_LOGIN,
    ),
    "effect.decoy_refused": Words(
        "The decoy refused each login ({attempts:time}): that is the decoy's own choice, and the session stood.",
        DECOY_LOGIN,
    ),
    "answer.ftp_login": _asked(
        "The FTP server accepted the login (user {user}, reply {code}).",
        "The FTP server refused the login ({attempts:time}, reply {code}).",
    ),
    "answer.smtp_login": _asked(
        "The mail server accepted the login (reply {code}).",
        "The mail server refused the login ({attempts:time}, reply {code}).",
    ),
    "answer.smtp_message": _asked(
        "The mail server took {attempts:message} for delivery (reply {code}).",
        "The mail server refused the message (reply {code}).",
    ),
    "answer.smtp_recipient": Words(
        {"failed": "The mail server refused a sender or recipient ({attempts:time}, reply {code})."},
        ANSWER,
    ),
    "answer.pop_login": _asked(
        "The mailbox server accepted the login ({code}).",
        "The mailbox server refused the login ({attempts:time}, {code}).",
    ),
    "answer.imap_login": _asked(
        "The mailbox server accepted the login ({code}).",
        "The mailbox server refused the login ({attempts:time}, {code}).",
    ),
    "answer.sip": _asked(
        "The telephone system accepted a {name} ({attempts:time}, status {code}).",
        "The telephone system refused each REGISTER and INVITE ({attempts:time}, status {code} first).",
    ),
    "answer.socks": _asked(
        "The proxy opened the connection that it was asked for (reply {code}, {name}).",
        "The proxy refused (reply {code}, {name}).",
    ),
    "answer.mysql_login": _asked(
        "The database accepted the login ({code}).", "The database refused the login (error {code}, {name})."
    ),
    "answer.postgresql_login": _asked(
        "The database accepted the login ({code}).",
        "The database refused the login (SQLSTATE {code}, {name}).",
    ),
    "answer.redis_login": _asked(
        "The database accepted the login ({code} to AUTH).",
        "The database refused the login ({attempts:time}, {code}: {name}).",
    ),
    "answer.redis_command": Words(
        {"failed": "The database refused what it was asked ({attempts:time}, {code}: {name})."}, ANSWER
    ),
    "answer.telnet_login": _asked(
        "After a password was typed, the Telnet server went on to the session ({code}): the login was accepted.",
        "The Telnet server refused the login ({attempts:time}, {code}).",
    ),
    "answer.smb_login": _asked(
        "The file server opened a session for {user} ({code}), neither as guest nor as nobody.",
        "The file server refused the session ({attempts:time}, status {code}, {name}).",
    ),
    "answer.smb_share": Words(
        {"failed": "The file server refused the share ({attempts:time}, status {code}, {name})."}, ANSWER
    ),
    "answer.ldap_bind": _asked(
        "The directory accepted the bind with credentials ({code}).",
        "The directory refused the bind ({attempts:time}, result {code}, {name}).",
    ),
    "answer.kerberos": _asked(
        "The key distribution centre issued {attempts:ticket} ({code}).",
        "The key distribution centre issued no ticket ({attempts:time}, error {code}, {name}).",
    ),
    "answer.rdp_negotiation": Words(
        {"failed": "The terminal server broke off the negotiation (code {code}, {name})."}, ANSWER
    ),
    "effect.dropped": Words(
        "The sensor stands in the way and dropped the packet that fired, and the target said nothing after it: it was "
        "blocked.",
        POLICY,
    ),
    "effect.denied": Words(
        "A device denied the attempt, and the target sent no answer: it was blocked.", POLICY
    ),
    "effect.rejected": Words("The attempt was rejected on its way: it was blocked.", REJECTED),
    "effect.refused": Words("The target answered with a reset: nothing was achieved.", REFUSED),
    "effect.unanswered": Words(
        "Nothing answered: nothing was achieved that this evidence shows.", UNANSWERED
    ),
    "effect.established": Words("The conversation stood; no more than that is shown.", EFFECT),
    "effect.stood": Words("A log line says that the conversation stood.", EFFECT),
    "effect.stated_refused": Words("A log line says that the target refused.", REFUSED),
}
