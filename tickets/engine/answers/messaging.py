"""Answers of mail, file transfer and proxies: numbered replies, status words, SOCKS replies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .dialogue import Answer, Dialogue, Message, of, printable, refused

REPLY = re.compile(rb"(\d{3}) ")
FTP_USER = re.compile(rb"USER (.{1,64})", re.IGNORECASE)
FTP_LOGIN = frozenset({"230", "232", "430", "431", "530", "534"})
SMTP_RECIPIENT = frozenset({"450", "451", "452", "550", "551", "552", "553", "554"})
SMTP_LOGIN_REFUSED = frozenset({"534", "535", "538"})
SIP_STATUS = re.compile(rb"SIP/2\.0 (\d{3}) ")
SIP_METHOD = re.compile(rb"\r\nCSeq: {0,8}\d{1,10} {1,8}(REGISTER|INVITE)\r\n", re.IGNORECASE)
POP_LOGIN = re.compile(rb"(PASS|APOP|AUTH) ", re.IGNORECASE)
POP_COMMAND = re.compile(rb"[A-Z]{3,4}(?: |$)", re.IGNORECASE)
IMAP_LOGIN = re.compile(rb"([^\s+*(){%\"\\]{1,32}) (?:LOGIN|AUTHENTICATE) ", re.IGNORECASE)
IMAP_RESULT = re.compile(rb"([^\s+*]{1,32}) (OK|NO|BAD)(?: |$)", re.IGNORECASE)
SOCKS4_CODES = {0x5A: "granted", 0x5B: "rejected", 0x5C: "no identd", 0x5D: "other user"}
SOCKS5_CODES = {
    0: "succeeded", 1: "general failure", 2: "not allowed by ruleset", 3: "network unreachable", 4: "host unreachable",
    5: "connection refused", 6: "TTL expired", 7: "command not supported", 8: "address type not supported",
}  # fmt: skip


def replies(message: Message) -> Iterator[str]:
    """The final lines of numbered replies (RFC 959, 4.2; RFC 5321, 4.2): `250 `, not `250-`."""
    if message.may_answer:
        for line in message.lines:
            if reply := REPLY.match(line):
                yield reply[1].decode("ascii")


@of("ftp")
def ftp_login(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 959, 5.4: 230 ends a login that is accepted, 530 (RFC 2228: 431 and 534 too) one that is not."""
    user = ""
    for message in dialogue:
        if message.may_ask and (asked := FTP_USER.match(message.data)):
            user = printable(asked[1])
        for code in replies(message):
            if code in FTP_LOGIN:
                yield Answer("answer.ftp_login", code[0] == "2", message.location, code, user=user)


@of("smtp", "submission", "smtp-alt")
def smtp(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 4954, 6: 235 and 535 answer AUTH. RFC 5321, 3.3: 354 asks for the message and the next reply takes or
    refuses it; a 4xx or 5xx of mailboxes before that refuses sender or recipient."""
    has_data = False
    refusals: list[Answer] = []
    for message in dialogue:
        for code in replies(message):
            if code == "235" or code in SMTP_LOGIN_REFUSED:
                yield Answer("answer.smtp_login", code == "235", message.location, code)
            elif code == "354":  # a mailbox was accepted after all
                has_data, refusals = True, []
            elif has_data:
                has_data = False
                yield Answer("answer.smtp_message", code[0] == "2", message.location, code)
            elif code in SMTP_RECIPIENT:
                refusals.append(refused("answer.smtp_recipient", message, code))
    yield from refusals


@of("pop3")
def pop3_login(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 1939, 4 and 7; RFC 5034: `+OK` or `-ERR` to PASS, APOP or AUTH. `+ ` asks for more."""
    waits = False
    for message in dialogue:
        if message.may_ask and POP_LOGIN.match(message.data):
            waits = True
        elif message.may_ask and not message.may_answer and POP_COMMAND.match(message.data):
            waits = False
        if waits and message.may_answer and message.data.startswith((b"+OK", b"-ERR")):
            waits = False
            is_accepted = message.data.startswith(b"+OK")
            code = "+OK" if is_accepted else "-ERR"
            yield Answer("answer.pop_login", is_accepted, message.location, code)


@of("imap")
def imap_login(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 9051, 6.2 and 7.1: the tagged OK, NO or BAD that answers the tag of LOGIN or AUTHENTICATE."""
    tags: set[bytes] = set()
    for message in dialogue:
        if message.may_ask:
            tags.update(asked[1] for line in message.lines if (asked := IMAP_LOGIN.match(line)))
        if message.may_answer:
            for line in message.lines:
                result = IMAP_RESULT.match(line)
                if result and result[1] in tags:
                    tags.discard(result[1])
                    word = result[2].decode("ascii").upper()
                    yield Answer("answer.imap_login", word == "OK", message.location, word)


@of("socks")
def socks(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 1928, 6: the reply to a request; SOCKS 4's reply begins with 0. RFC 1928, 3 and RFC 1929, 2: no method, or no
    user, is acceptable. What follows an accepted request is another protocol."""
    for message in dialogue:
        answer = None if message.may_ask else _socks_answer(message)  # a request looks like a reply
        if answer is not None:
            yield answer
            return


def _socks_answer(message: Message) -> Answer | None:
    data = message.data
    if len(data) == 8 and data[0] == 0 and data[1] in SOCKS4_CODES:
        return _socks(message, data[1], SOCKS4_CODES[data[1]], is_accepted=data[1] == 0x5A)
    if len(data) >= 7 and data[0] == 5 and data[2] == 0 and data[1] in SOCKS5_CODES and data[3] in (1, 3, 4):
        return _socks(message, data[1], SOCKS5_CODES[data[1]], is_accepted=data[1] == 0)
    if data == b"\x05\xff":
        return _socks(message, 0xFF, "no acceptable method", is_accepted=False)
    if len(data) == 2 and data[0] == 1 and data[1]:
        return _socks(message, data[1], "login failed", is_accepted=False)
    return None


def _socks(message: Message, code: int, name: str, *, is_accepted: bool) -> Answer:
    return Answer("answer.socks", is_accepted, message.location, f"0x{code:02x}", name)


@of("sip")
def sip(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 3261, 7.2 and 10.3: a final answer of 2xx takes a registration or a call, 4xx to 6xx refuse it (401 and 407
    ask for a password first). What is said to OPTIONS and the like lets nobody in."""
    for message in dialogue:
        status, method = SIP_STATUS.match(message.data), SIP_METHOD.search(message.data)
        if message.may_answer and status and method and status[1][:1] in b"2456":
            code, name = status[1].decode("ascii"), method[1].decode("ascii").upper()
            yield Answer("answer.sip", code[0] == "2", message.location, code, name=name)
