"""What an application answered on the wire: a login, a message, a share, a ticket, a connection."""

from __future__ import annotations

import random
import struct
from dataclasses import replace

import pytest

from tickets.engine.answers import Answer, answer_of, read_answers
from tickets.engine.effect import classify_effect
from tickets.engine.types import (
    Basis,
    Conversation,
    Effect,
    Location,
    LogRecord,
    Outcome,
    Packet,
    Protocol,
    Statement,
)

from .samples import NOON_NS, endpoint, make_conversation

CLIENT, SERVER = "198.51.100.23:51544", "192.0.2.10:2000"
Line = tuple[str, bytes]


def asks(data: bytes) -> Line:
    return "client", data


def says(data: bytes) -> Line:
    return "server", data


def conversation(service: str) -> Conversation:
    return make_conversation(CLIENT, SERVER, service=service)


def packets(*lines: Line) -> list[Packet]:
    ends = {"client": (endpoint(CLIENT), endpoint(SERVER)), "server": (endpoint(SERVER), endpoint(CLIENT))}
    return [
        Packet(
            location=Location("capture.pcap", number),
            time_ns=NOON_NS + number,
            protocol=Protocol.TCP,
            src=ends[who][0],
            dst=ends[who][1],
            wire_bytes=60 + len(data),
            payload=data,
        )
        for number, (who, data) in enumerate(lines, start=10)
    ]


def answers(service: str, *lines: Line) -> list[Answer]:
    return read_answers(conversation(service), packets(*lines))


def told(service: str, *lines: Line) -> list[tuple[str, bool, str]]:
    return [(answer.rule, answer.is_accepted, answer.code) for answer in answers(service, *lines)]


# Numbered replies and status words


@pytest.mark.parametrize(
    ("reply", "is_accepted"),
    [(b"230-Welcome\r\n230 Logged in\r\n", True), (b"530 Login incorrect.\r\n", False)],
)
def test_ftp_answers_a_login(reply: bytes, is_accepted: bool) -> None:
    (answer,) = answers(
        "ftp",
        says(b"220 ready\r\n"),
        asks(b"USER ana\r\n"),
        says(b"331 Password\r\n"),
        asks(b"PASS x\r\n"),
        says(reply),
    )
    assert (answer.rule, answer.is_accepted, answer.user) == ("answer.ftp_login", is_accepted, "ana")
    assert answer.location == Location("capture.pcap", 14)


def test_ftp_without_a_final_reply_says_nothing() -> None:
    assert told("ftp", says(b"220 ready\r\n"), asks(b"USER ana\r\n"), says(b"331 Password\r\n")) == []


def test_what_a_client_writes_is_no_answer() -> None:
    assert told("ftp", asks(b"230 Logged in\r\n")) == []
    assert told("postgresql", asks(b"R\0\0\0\x08\0\0\0\0")) == []


def _sip(status: str, method: str) -> bytes:
    return f"SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 203.0.113.7\r\nCSeq: 1 {method}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        ("200 OK", "REGISTER", [("answer.sip", True, "200")]),
        ("200 OK", "INVITE", [("answer.sip", True, "200")]),
        ("401 Unauthorized", "REGISTER", [("answer.sip", False, "401")]),
        ("603 Decline", "INVITE", [("answer.sip", False, "603")]),
        ("200 OK", "OPTIONS", []),
        ("100 Trying", "INVITE", []),
        ("302 Moved Temporarily", "INVITE", []),
    ],
)
def test_sip_answers_a_registration_or_a_call(
    status: str, method: str, expected: list[tuple[str, bool, str]]
) -> None:
    assert told("sip", asks(f"{method} sip:x SIP/2.0\r\n".encode()), says(_sip(status, method))) == expected


def test_another_service_with_the_same_numbers_is_not_asked() -> None:
    assert told("http", says(b"230 Logged in\r\n")) == []


def test_smtp_answers_a_login_and_a_message() -> None:
    assert told("smtp", asks(b"AUTH PLAIN AGE=\r\n"), says(b"535 5.7.8 bad\r\n")) == [
        ("answer.smtp_login", False, "535")
    ]
    assert told("submission", asks(b"AUTH PLAIN AGE=\r\n"), says(b"235 2.7.0 ok\r\n")) == [
        ("answer.smtp_login", True, "235")
    ]
    delivery = [
        asks(b"MAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\nRCPT TO:<c@example>\r\nDATA\r\n"),
        says(b"250 ok\r\n550 no such user\r\n250 ok\r\n354 go ahead\r\n"),
        asks(b"Subject: x\r\n\r\n250 not a reply\r\n.\r\n"),
    ]
    assert told("smtp", *delivery) == []
    assert told("smtp", *delivery, says(b"250 2.0.0 queued\r\n")) == [("answer.smtp_message", True, "250")]
    assert told("smtp", *delivery, says(b"554 5.7.1 spam\r\n")) == [("answer.smtp_message", False, "554")]


def test_a_mailbox_that_is_refused_is_told_where_no_other_was_accepted() -> None:
    lines = [asks(b"RCPT TO:<a@elsewhere.example>\r\n"), says(b"550 5.7.1 relaying denied\r\n")]
    assert told("smtp", *lines) == [("answer.smtp_recipient", False, "550")]


@pytest.mark.parametrize(
    ("reply", "is_accepted", "code"), [(b"+OK logged in\r\n", True, "+OK"), (b"-ERR auth\r\n", False, "-ERR")]
)
def test_pop_answers_the_password_and_not_the_name(reply: bytes, is_accepted: bool, code: str) -> None:
    lines = [
        says(b"+OK ready\r\n"),
        asks(b"USER ana\r\n"),
        says(b"+OK\r\n"),
        asks(b"PASS x\r\n"),
        says(reply),
    ]
    assert told("pop3", *lines) == [("answer.pop_login", is_accepted, code)]


def test_pop_asks_for_more_before_it_answers() -> None:
    lines = [asks(b"AUTH PLAIN\r\n"), says(b"+ \r\n"), asks(b"AGFuYQB4\r\n"), says(b"+OK\r\n")]
    assert told("pop3", *lines) == [("answer.pop_login", True, "+OK")]


@pytest.mark.parametrize(("word", "is_accepted"), [("OK", True), ("NO", False), ("BAD", False)])
def test_imap_answers_the_tag_of_the_login(word: str, is_accepted: bool) -> None:
    lines = [
        says(b"* OK ready\r\n"),
        asks(b"a0 CAPABILITY\r\n"),
        says(b"* CAPABILITY IMAP4rev1\r\na0 OK done\r\n"),
        asks(b"a1 LOGIN ana x\r\n"),
        says(b"* CAPABILITY IMAP4rev1\r\na1 " + word.encode() + b" done\r\n"),
        asks(b"a2 NOOP\r\n"),
        says(b"a2 NO\r\n"),
    ]
    assert told("imap", *lines) == [("answer.imap_login", is_accepted, word)]


# Proxies


@pytest.mark.parametrize(
    ("reply", "is_accepted", "code"),
    [
        (b"\x05\x00\x00\x01\xcb\x00\x71\x50\x00\x50", True, "0x00"),
        (b"\x05\x05\x00\x01\0\0\0\0\0\0", False, "0x05"),
        (b"\x00\x5a\0\0\0\0\0\0", True, "0x5a"),
        (b"\x00\x5b\0\0\0\0\0\0", False, "0x5b"),
        (b"\x05\xff", False, "0xff"),
        (b"\x01\x01", False, "0x01"),
    ],
)
def test_socks_answers_a_request(reply: bytes, is_accepted: bool, code: str) -> None:
    lines = [
        asks(b"\x05\x01\x00"),
        says(b"\x05\x00"),
        asks(b"\x05\x01\x00\x01\xcb\x00\x71\x50\x00\x50"),
        says(reply),
    ]
    assert told("socks", *lines) == [("answer.socks", is_accepted, code)]


def test_a_socks_request_is_no_reply_though_it_looks_like_one() -> None:
    unknown = replace(conversation("socks"), orig=None, resp=None)
    request = packets(asks(b"\x05\x01\x00\x01\xcb\x00\x71\x50\x00\x50"))
    assert read_answers(unknown, request) == []


# Databases


def mysql(number: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


GREETING = says(mysql(0, b"\x0a8.0.36\0" + bytes(40)))
RESPONSE = asks(mysql(1, bytes(40) + b"ana\0"))
OK = mysql(2, b"\x00\0\0\x02\0\0\0")
DENIED = mysql(2, b"\xff\x15\x04#28000Access denied")


def test_mysql_answers_the_login() -> None:
    assert told("mysql", GREETING, RESPONSE, says(OK)) == [("answer.mysql_login", True, "OK")]
    (answer,) = answers("mysql", GREETING, RESPONSE, says(DENIED))
    assert (answer.is_accepted, answer.code, answer.name) == (False, "1045", "access denied")


def test_mysql_may_ask_for_another_method_first() -> None:
    switch, more = says(mysql(2, b"\xfecaching_sha2_password\0")), asks(mysql(3, bytes(32)))
    assert told("mysql", GREETING, RESPONSE, switch, more, says(mysql(4, OK[4:]))) == [
        ("answer.mysql_login", True, "OK")
    ]


def test_mysql_refuses_a_host_before_it_greets() -> None:
    assert told("mysql", says(mysql(0, b"\xff\x6a\x04Host is not allowed"))) == [
        ("answer.mysql_login", False, "1130")
    ]


def test_what_mysql_answers_to_a_command_is_no_login() -> None:
    command = asks(mysql(0, b"\x03select 1"))
    assert told("mysql", command, says(OK)) == []
    assert told("mysql", GREETING, RESPONSE, command, says(DENIED)) == []


def postgres(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def error(state: bytes) -> bytes:
    return postgres(b"E", b"SFATAL\0C" + state + b"\0Mpassword authentication failed\0\0")


def test_postgresql_answers_the_login() -> None:
    final = postgres(b"R", struct.pack(">I", 12) + b"v=x") + postgres(b"R", bytes(4)) + postgres(b"Z", b"I")
    assert told("postgresql", says(final)) == [("answer.postgresql_login", True, "AuthenticationOk")]
    (answer,) = answers("postgresql", says(postgres(b"R", struct.pack(">I", 10))), says(error(b"28P01")))
    assert (answer.is_accepted, answer.code, answer.name) == (
        False,
        "28P01",
        "password authentication failed",
    )


def test_an_error_of_a_query_is_no_login() -> None:
    assert told("postgresql", says(error(b"42P01"))) == []
    assert told("postgresql", says(postgres(b"R", bytes(4))), says(error(b"28000"))) == [
        ("answer.postgresql_login", True, "AuthenticationOk")
    ]


AUTH = asks(b"*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"+OK\r\n", ("answer.redis_login", True, "+OK")),
        (
            b"-WRONGPASS invalid username-password pair or user is disabled.\r\n",
            ("answer.redis_login", False, "WRONGPASS"),
        ),
        (b"-ERR invalid password\r\n", ("answer.redis_login", False, "ERR invalid password")),
        (b"-NOAUTH Authentication required.\r\n", ("answer.redis_command", False, "NOAUTH")),
        (
            b"-DENIED Redis is running in protected mode because\r\n",
            ("answer.redis_command", False, "DENIED"),
        ),
    ],
)
def test_redis_answers_a_login(reply: bytes, expected: tuple[str, bool, str]) -> None:
    assert told("redis", AUTH, says(reply)) == [expected]
    assert told("redis", asks(b"AUTH ana secret\r\n"), says(reply)) == [expected]


def test_redis_says_ok_to_other_commands_as_well() -> None:
    change = asks(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n")
    assert told("redis", change, says(b"+OK\r\n")) == []
    assert told("redis", AUTH, says(b"-ERR Client sent AUTH, but no password is set\r\n")) == []
    assert told("redis", change, AUTH, says(b"+OK\r\n"), says(b"-WRONGPASS\r\n")) == [
        ("answer.redis_login", False, "WRONGPASS")
    ]


def test_redis_is_read_where_nobody_is_known_to_have_asked() -> None:
    unknown = replace(conversation("redis"), orig=None, resp=None)
    (answer,) = read_answers(unknown, packets(AUTH, says(b"+OK\r\n")))
    assert answer.is_accepted


# Terminals


ASKED = [
    says(b"\xff\xfd\x18\xff\xfb\x01host1 login: "),
    asks(b"\xff\xfb\x18ana\r\0"),
    says(b"ana\r\nPassword: "),
]
TYPED = [*(asks(bytes([letter])) for letter in b"secret"), asks(b"\r\0"), says(b"\r\n")]


@pytest.mark.parametrize(
    ("screen", "expected"),
    [
        (b"\r\nLogin incorrect\r\nhost1 login: ", (False, "Login incorrect")),
        (b"% Login invalid\r\n\r\nUsername: ", (False, "Login invalid")),
        (b"% Authentication failed\r\n\r\nUsername: ", (False, "Authentication failed")),
        (
            b"Last login: Mon Jan  5 11:58:02 from 198.51.100.23\r\n",
            (True, "Last login: Mon Jan  5 11:58:02"),
        ),
        (b"\r\nBuilt-in shell (ash)\r\n\r\n~ # ", (True, "~ #")),
        (b"\x1b[01;32mana@host1\x1b[00m:~$ ", (True, "ana@host1:~$")),
        (b"\r\nrouter1>", (True, "router1>")),
        (b"\r\nC:\\Users\\ana>", (True, "C:\\Users\\ana>")),
    ],
)
def test_telnet_answers_the_password(screen: bytes, expected: tuple[bool, str]) -> None:
    (answer,) = answers("telnet", *ASKED, *TYPED, says(screen[:9]), says(screen[9:]))
    is_accepted, code = expected
    assert (answer.rule, answer.is_accepted) == ("answer.telnet_login", is_accepted)
    assert answer.code.startswith(code)
    assert answer.location == Location("capture.pcap", 22)


def test_telnet_tells_each_password_that_was_refused() -> None:
    once = [*ASKED, *TYPED, says(b"\r\nLogin incorrect\r\n")]
    accepted_at_last = [*ASKED, *TYPED, says(b"$ "), says(b"Login incorrect\r\n")]
    told_of = [is_accepted for _, is_accepted, _ in told("telnet", *once, *once, *accepted_at_last)]
    assert told_of == [False, False, True]


@pytest.mark.parametrize(
    "lines",
    [
        [says(b"Login incorrect\r\n")],
        [*ASKED, says(b"\r\nLogin incorrect\r\n$ ")],
        [*ASKED, *TYPED, says(b"Password: ")],
        [*ASKED, *TYPED, says(b"**********\r\n* Authorised use only\r\n#####")],
        [says(b"host1 login: "), asks(b"ana\r\0"), says(b"$ ")],
    ],
)
def test_telnet_without_a_typed_password_or_a_clear_word_says_nothing(lines: list[Line]) -> None:
    assert told("telnet", *lines) == []


def test_telnet_is_not_read_where_nobody_is_known_to_have_asked() -> None:
    unknown = replace(conversation("telnet"), orig=None, resp=None)
    assert read_answers(unknown, packets(*ASKED, *TYPED, says(b"$ "))) == []


# Windows


def netbios(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def smb2(command: int, status: int = 0, *, flags: int = 1, session: int = 0, following: int = 0) -> bytes:
    header = b"\xfeSMB" + struct.pack("<HHIHHIIQ", 64, 0, status, command, 1, flags, following, 1) + bytes(32)
    return header + struct.pack("<HHHH", 9, session, 72, 0)


def smb1(command: int, status: int, *, action: int = 0, flags: int = 0x80) -> bytes:
    header = b"\xffSMB" + bytes([command]) + struct.pack("<IBH", status, flags, 0x4001) + bytes(20)
    return header + bytes([3, 0xFF, 0]) + struct.pack("<HH", 0, action) + bytes(2)


def ntlm(user: str) -> bytes:
    name = user.encode("utf-16-le")
    message = b"NTLMSSP\0\x03\0\0\0" + bytes(24) + struct.pack("<HHI", len(name), len(name), 64)
    return smb2(1, flags=0) + message.ljust(64, b"\0") + name


def test_smb_2_opens_a_session_with_a_user() -> None:
    lines = [asks(netbios(ntlm("ana"))), says(netbios(smb2(1)))]
    (answer,) = answers("smb", *lines)
    assert (answer.rule, answer.is_accepted, answer.user) == ("answer.smb_login", True, "ana")


@pytest.mark.parametrize("session", [1, 2])
def test_a_guests_and_a_null_session_are_no_login(session: int) -> None:
    assert told("smb", asks(netbios(ntlm(""))), says(netbios(smb2(1, session=session)))) == []


@pytest.mark.parametrize(
    ("command", "status", "expected"),
    [
        (1, 0xC000006D, [("answer.smb_login", False, "0xc000006d")]),
        (1, 0xC0000016, []),
        (1, 0xC000035C, []),
        (3, 0xC0000022, [("answer.smb_share", False, "0xc0000022")]),
        (3, 0, []),
        (5, 0xC0000034, []),
    ],
)
def test_smb_2_answers_by_its_status(
    command: int, status: int, expected: list[tuple[str, bool, str]]
) -> None:
    assert told("smb", says(netbios(smb2(command, status)))) == expected


def test_compounded_answers_are_all_read() -> None:
    both = smb2(1, 0xC000006D, following=72) + smb2(3, 0xC0000022)
    assert [rule for rule, _, _ in told("smb", says(netbios(both)))] == [
        "answer.smb_login",
        "answer.smb_share",
    ]


def test_smb_1_is_a_login_only_where_the_user_is_in_the_evidence() -> None:
    opened, request = says(netbios(smb1(0x73, 0))), ntlm("ana").replace(b"\xfeSMB", b"\xffSMB")
    assert told("smb", opened) == []
    assert told("smb", asks(netbios(request)), opened) == [("answer.smb_login", True, "STATUS_SUCCESS")]
    nobody = ntlm("").replace(b"\xfeSMB", b"\xffSMB")
    assert told("smb", asks(netbios(request)), asks(netbios(nobody)), opened) == []
    assert told("smb", asks(netbios(request)), says(netbios(smb1(0x73, 0, action=1)))) == []


def test_smb_1_refuses_by_its_status() -> None:
    assert told("netbios-ssn", says(netbios(smb1(0x73, 0xC000006D)))) == [
        ("answer.smb_login", False, "0xc000006d")
    ]
    assert told("smb", says(netbios(smb1(0x75, 0xC0000022)))) == [("answer.smb_share", False, "0xc0000022")]
    assert told("smb", says(netbios(smb1(0x73, 0xC000006D, flags=0)))) == []


def ber(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def ldap(operation: bytes, number: int = 1) -> bytes:
    return ber(0x30, ber(2, bytes([number])) + operation)


def bind(choice: bytes) -> bytes:
    return ldap(ber(0x60, b"\x02\x01\x03" + ber(4, b"cn=ana") + choice))


def bound(code: int) -> bytes:
    return ldap(ber(0x61, b"\x0a\x01" + bytes([code]) + b"\x04\0\x04\0"))


@pytest.mark.parametrize(
    ("choice", "code", "expected"),
    [
        (ber(0x80, b"secret"), 0, [("answer.ldap_bind", True, "success")]),
        (ber(0xA3, ber(4, b"GSS-SPNEGO")), 0, [("answer.ldap_bind", True, "success")]),
        (ber(0x80, b""), 0, []),
        (ber(0xA3, ber(4, b"GSS-SPNEGO")), 14, []),
        (ber(0x80, b"secret"), 49, [("answer.ldap_bind", False, "49")]),
    ],
)
def test_ldap_answers_a_bind(choice: bytes, code: int, expected: list[tuple[str, bool, str]]) -> None:
    assert told("ldap", asks(bind(choice)), says(bound(code))) == expected


def test_that_an_anonymous_bind_is_allowed_says_nothing_where_it_was_not_seen() -> None:
    assert told("ldap", says(bound(0))) == []


def kerberos_error(code: int) -> bytes:
    elements = (
        ber(0xA0, b"\x02\x01\x05") + ber(0xA1, b"\x02\x01\x1e") + ber(0xA4, ber(0x18, b"20260105120000Z"))
    )
    return ber(
        0x7E, ber(0x30, elements + ber(0xA5, b"\x02\x01\x00") + ber(0xA6, b"\x02\x01" + bytes([code])))
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"\x6b\x03\x30\x01\x00", [("answer.kerberos", True, "AS-REP")]),
        (b"\x6d\x03\x30\x01\x00", [("answer.kerberos", True, "TGS-REP")]),
        (kerberos_error(24), [("answer.kerberos", False, "24")]),
        (kerberos_error(25), []),
        (kerberos_error(24)[:20], []),
    ],
)
@pytest.mark.parametrize("over_tcp", [False, True])
def test_kerberos_issues_a_ticket_or_says_why_not(
    message: bytes, expected: list[tuple[str, bool, str]], over_tcp: bool
) -> None:
    assert told("kerberos", says(netbios(message) if over_tcp else message)) == expected


def test_rdp_breaks_the_negotiation_off() -> None:
    refusal = b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x05\x00\x00\x00"
    (answer,) = answers("rdp", says(refusal))
    assert (answer.rule, answer.is_accepted, answer.name) == (
        "answer.rdp_negotiation",
        False,
        "network level authentication required",
    )
    assert told("rdp", says(refusal[:11] + b"\x02" + refusal[12:])) == []


# What a sensor's parser wrote down


@pytest.mark.parametrize(
    ("service", "fields", "expected"),
    [
        ("krb5", {"msg_type": "KRB_AS_REP"}, True),
        ("krb5", {"msg_type": "KRB_ERROR", "error_code": "KDC_ERR_PREAUTH_FAILED"}, False),
        ("krb5", {"msg_type": "KRB_ERROR", "error_code": "KDC_ERR_PREAUTH_REQUIRED"}, None),
        ("smb", {"command": "SMB2_COMMAND_TREE_CONNECT", "status": "STATUS_ACCESS_DENIED"}, False),
        ("smb", {"command": "SMB2_COMMAND_TREE_CONNECT", "status": "STATUS_SUCCESS"}, None),
        ("smb", {"command": "SMB2_COMMAND_READ", "status": "STATUS_ACCESS_DENIED"}, None),
        ("http", {"status": "404"}, None),
        ("ftp", {"command": "PASS", "reply_code": "230"}, True),
        ("ftp", {"command": "PASS", "reply_code": "530"}, False),
        ("ftp", {"command": "RETR", "reply_code": "226"}, None),
        ("smtp", {"last_reply": "550 5.7.1 relaying denied"}, False),
        ("smtp", {"last_reply": "250 2.0.0 queued"}, None),
        ("ldap", {"opcode": "bind simple", "result": "invalid credentials"}, False),
        ("ldap", {"opcode": "bind simple", "result": "success"}, None),
        ("ldap", {"opcode": "bind SASL", "result": "SASL bind in progress"}, None),
        ("ldap", {"opcode": "search", "result": "no such object"}, None),
        ("rdp", {"result": "HYBRID_REQUIRED_BY_SERVER"}, False),
        ("rdp", {"result": "encrypted"}, None),
        ("socks", {"status": "succeeded"}, True),
        ("socks", {"status": "connection refused"}, False),
    ],
)
def test_a_parsers_record_says_the_same(service: str, fields: dict[str, str], expected: bool | None) -> None:
    answer = answer_of(record(Statement.ANSWERED, service=service, fields=fields))
    assert (None if answer is None else answer.is_accepted) is expected


def test_what_another_device_writes_under_the_same_names_is_no_parsers_answer() -> None:
    fields = {"status": "succeeded"}
    assert answer_of(record(Statement.ANSWERED, service="socks", fields=fields, source="splunk.cim")) is None


def record(
    statement: Statement,
    basis: Basis = Basis.PARSER,
    service: str = "",
    fields: dict[str, str] | None = None,
    source: str = "zeek.x",
) -> LogRecord:
    return LogRecord(
        location=Location("x.log", 1),
        source=source,
        time_ns=NOON_NS,
        protocol=Protocol.TCP,
        src=endpoint(CLIENT),
        dst=endpoint(SERVER),
        statement=statement,
        basis=basis,
        service=service,
        fields=fields or {},
    )


# The effect that follows


REFUSED = (asks(b"USER ana\r\n"), says(b"530 no\r\n"))
ACCEPTED = (asks(b"USER ana\r\n"), says(b"230 yes\r\n"))


@pytest.mark.parametrize("outcome", [Outcome.ESTABLISHED, Outcome.MIDSTREAM, None])
@pytest.mark.parametrize(
    ("lines", "effect"),
    [
        (REFUSED, Effect.FAILED),
        (ACCEPTED, Effect.SUCCESS),
        (REFUSED + ACCEPTED, Effect.SUCCESS),
        (REFUSED + REFUSED, Effect.FAILED),
    ],
)
def test_the_applications_answer_settles_the_effect(
    lines: tuple[Line, ...], effect: Effect, outcome: Outcome | None
) -> None:
    found = packets(*lines)
    shown = classify_effect(conversation("ftp"), outcome, found)
    assert shown.effect is effect
    assert shown.finding is not None
    assert shown.finding.rule == "answer.ftp_login"
    assert set(shown.finding.records) <= {
        packet.location for packet in found if packet.src == endpoint(SERVER)
    }
    assert len(shown.finding.records) == sum(line[1].startswith((b"530", b"230")) for line in lines) - (
        len(lines) == 4 and effect is Effect.SUCCESS
    )


def test_what_a_decoy_accepts_is_its_own_choice_and_no_success() -> None:
    decoy = record(Statement.ACCEPTED, Basis.DECOY)
    shown = classify_effect(conversation("ftp"), Outcome.ESTABLISHED, [decoy, *packets(*ACCEPTED)])
    assert shown.effect is Effect.ESTABLISHED
    assert shown.finding is not None
    assert shown.finding.rule == "effect.decoy_accepted"


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (Statement.AUTHENTICATED, "effect.decoy_accepted"),
        (Statement.AUTHENTICATION_FAILED, "effect.decoy_refused"),
    ],
)
def test_a_login_that_a_decoy_tells_of_is_no_success_either(statement: Statement, rule: str) -> None:
    shown = classify_effect(conversation("ssh"), Outcome.ONE_WAY, [record(statement, Basis.DECOY)])
    assert shown.effect is Effect.ESTABLISHED
    assert shown.finding is not None
    assert shown.finding.rule == rule


def test_any_bytes_at_all_are_read_without_a_crash() -> None:
    source = random.Random(7)
    known = [GREETING[1], RESPONSE[1], OK, DENIED, error(b"28P01"), netbios(smb2(1)), netbios(smb1(0x73, 0)),
             netbios(ntlm("ana")), bind(ber(0x80, b"x")), bound(49), kerberos_error(24)]  # fmt: skip
    services = (
        "mysql",
        "postgresql",
        "smb",
        "ldap",
        "kerberos",
        "ftp",
        "smtp",
        "imap",
        "pop3",
        "socks",
        "rdp",
    )
    for _ in range(4000):
        lines = []
        for _ in range(3):
            data = bytearray(source.choice(known)[: source.randrange(1, 90)])
            data[source.randrange(len(data))] = source.randrange(256)
            lines.append((source.choice(("client", "server")), bytes(data)))
        for answer in answers(source.choice(services), *lines):
            assert answer.location.file == "capture.pcap"
