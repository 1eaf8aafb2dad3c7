"""Lines of text: mail, file transfer, chat, logins, and the message brokers."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, DIGITS, EITHER, LETTERS, SERVER, Message, Role, over, u16

TCP, UDP = Protocol.TCP, Protocol.UDP
SMTP_COMMAND = re.compile(
    rb"(?:EHLO|HELO|MAIL FROM:|RCPT TO:|STARTTLS\r|AUTH (?:LOGIN|PLAIN|NTLM|CRAM)|BDAT \d|XCLIENT )",
    re.IGNORECASE,
)
FTP_COMMAND = re.compile(
    rb"(?:USER|PASS|PORT|EPRT|PASV|EPSV|RETR|STOR|LIST|NLST|MLSD|CWD|TYPE|SYST|FEAT|AUTH (?:TLS|SSL|GSSAPI)|OPTS|SIZE"
    rb"|PBSZ|PROT|QUIT|ADAT|NOOP|REST|MKD|DELE)(?: [^\r\n]*)?\r?\n",
    re.IGNORECASE,
)
REPLY = re.compile(rb"[1-5]\d\d[ -][^\r\n]{2,}\r\n")
GREETING = re.compile(rb"220[ -][^\r\n]{0,400}")
POP3_SAYS = re.compile(rb"(?:\+OK|-ERR)(?: [^\r\n]*)?\r\n")
POP3_COMMAND = re.compile(
    rb"(?:USER|PASS|STAT|LIST|UIDL|RETR|TOP|DELE|CAPA|STLS|QUIT|APOP|AUTH)(?: [^\r\n]*)?\r\n", re.IGNORECASE
)
IMAP_SAYS = re.compile(
    rb"(?:\* (?:OK|PREAUTH|BYE|CAPABILITY|LIST|\d+ (?:EXISTS|RECENT|FETCH))|[\w.]{1,12} (?:OK|NO|BAD) )",
    re.IGNORECASE,
)
IMAP_COMMAND = re.compile(
    rb"[\w.]{1,12} (?:UID )?(?:CAPABILITY|LOGIN|AUTHENTICATE|SELECT|EXAMINE|LIST|LSUB|FETCH|STATUS|NOOP|LOGOUT|STARTTLS"
    rb"|ID|IDLE|SEARCH|CREATE|APPEND)[ \r]",
    re.IGNORECASE,
)
IRC_SAYS = re.compile(
    rb":\S{1,200} (?:\d{3}|NOTICE|MODE|JOIN|PART|PRIVMSG|QUIT) |NOTICE AUTH |PING :|ERROR :"
)
IRC_REGISTRATION = re.compile(rb"NICK :?\S{1,64} {0,4}\r?\n|CAP (?:LS|REQ)\b|PASS \S{1,256}\r?\nNICK ")
IRC_COMMAND = re.compile(rb"(?:NICK|USER|CAP|JOIN|PONG|MODE|WHO|PRIVMSG)(?: [^\r\n]*)\r?\n")
IRC_NUMERIC = re.compile(rb":\S{1,200} \d{3} ")
XMPP_STREAM = re.compile(rb"(?:<\?xml [^>]{0,100}\?>\s*)?<stream:stream ([^>]{0,800})>?", re.DOTALL)
IMAP_NEXT = b" ._" + LETTERS + DIGITS
SPACE = b" \t\r\n\f\v"
MAIL_PORTS = (25, 465, 587, 2525)


@over(TCP, first=b"S", bytes_at={1: b"S", 2: b"H", 3: b"-"})
def ssh(message: Message) -> Role | None:
    """RFC 4253, 4.2: both sides send the same line, in either order."""
    return Role("ssh", "version line", EITHER) if message.data.startswith(b"SSH-") else None


@over(
    TCP,
    bytes_at={
        0: b"EHMRSABXehmrsabx12345",
        1: LETTERS + DIGITS,
        2: LETTERS + DIGITS,
        3: LETTERS + b" -",
    },
)
def smtp(message: Message) -> Role | None:
    """RFC 5321. The greeting names the protocol; other replies are told from FTP's by their port only."""
    data = message.data
    if SMTP_COMMAND.match(data):
        return Role("smtp", data[:4].decode("ascii", "replace").upper() + " command", CLIENT)
    if GREETING.match(data) and re.search(rb"smtp|mail|postfix|exim", data, re.IGNORECASE):
        return Role("smtp", "greeting", SERVER, is_banner=True)
    if message.is_on(*MAIL_PORTS) and REPLY.match(data):
        return Role("smtp", "reply", SERVER, is_banner=True)
    return None


@over(TCP, bytes_at={0: b"+-" + LETTERS, 1: LETTERS, 2: LETTERS, 3: LETTERS + b" \r"})
def pop3(message: Message) -> Role | None:
    """RFC 1939. Redis answers `+OK` as well: the port tells which, the speaker is the same."""
    service = "redis" if message.is_on(6379) else "pop3"
    if POP3_SAYS.match(message.data):
        return Role(service, "status", SERVER, is_banner=True)
    if message.is_on(110) and POP3_COMMAND.match(message.data):
        return Role("pop3", "command", CLIENT)
    return None


@over(TCP, bytes_at={0: b"*._" + LETTERS + DIGITS, 1: IMAP_NEXT, 2: IMAP_NEXT})
def imap(message: Message) -> Role | None:
    """RFC 9051: untagged and tagged responses; commands carry a tag of the client's making."""
    if IMAP_SAYS.match(message.data):
        return Role("imap", "response", SERVER, is_banner=True)
    return Role("imap", "command", CLIENT) if IMAP_COMMAND.match(message.data) else None


@over(TCP, bytes_at={0: b"NPECUJMW", 1: b"AHIORS", 2: b"CDEINOPRST"})
@over(TCP, bytes_at={0: b":", 1: bytes(set(range(256)) - set(SPACE))})
def irc(message: Message) -> Role | None:
    """RFC 2812: a server puts its name before what it says."""
    if IRC_NUMERIC.match(message.data) or (
        message.is_on(194, 6666, 6667, 6668, 6669) and IRC_SAYS.match(message.data)
    ):
        return Role("irc", "reply", SERVER)
    if IRC_REGISTRATION.match(message.data):
        return Role("irc", "registration", CLIENT)
    if message.is_on(194, 6666, 6667, 6668, 6669) and IRC_COMMAND.match(message.data):
        return Role("irc", "command", CLIENT)
    return None


@over(
    TCP,
    bytes_at={
        0: LETTERS + DIGITS,
        1: LETTERS + DIGITS,
        2: LETTERS + DIGITS,
        3: LETTERS + b" -\r\n",
    },
)
def ftp(message: Message) -> Role | None:
    """RFC 959. Numbered replies come from servers in all protocols that have them (RFC 959, 4.2; RFC 5321; RFC 3977)."""
    if FTP_COMMAND.match(message.data):
        return Role("ftp", message.data[:4].strip().decode("ascii", "replace").upper() + " command", CLIENT)
    if REPLY.match(message.data):
        return Role("ftp" if message.is_on(21) else "", "numbered reply", SERVER, is_banner=True)
    return None


@over(TCP, first=b"<", bytes_at={1: b"?s"})
def xmpp(message: Message) -> Role | None:
    """RFC 6120, 4.7: both sides open a stream; only the server's has an id."""
    stream = XMPP_STREAM.match(message.data)
    if stream is None:
        return None
    has_id = re.search(rb"\bid=", stream[1]) is not None
    return Role("xmpp", "stream header", SERVER if has_id else CLIENT)


@over(TCP, first=b"\x10", bytes_at={3: b"\x04\x06", 4: b"M"})
def mqtt_connect(message: Message) -> Role | None:
    """MQTT 5.0 and 3.1.1, 3.1: CONNECT names the protocol."""
    if message.data[0] == 0x10 and message.data[3:9] in (b"\x04MQTT\x04", b"\x04MQTT\x05", b"\x06MQIsd"):
        return Role("mqtt", "CONNECT", CLIENT)
    return None


# MQTT 5.0, 2.1.2: packet types that only one side sends, with the flags that the type requires.
MQTT_TYPES = {
    0x20: ("CONNACK", SERVER), 0x82: ("SUBSCRIBE", CLIENT), 0x90: ("SUBACK", SERVER), 0xA2: ("UNSUBSCRIBE", CLIENT),
    0xB0: ("UNSUBACK", SERVER), 0xC0: ("PINGREQ", CLIENT), 0xD0: ("PINGRESP", SERVER),
}  # fmt: skip


@over(TCP, 1883)
def mqtt(message: Message) -> Role | None:
    name, speaker = MQTT_TYPES.get(message.data[0], ("", EITHER))
    fits = message.data[1] & 0x80 or message.data[1] + 2 <= message.length
    return Role("mqtt", name, speaker) if name and fits else None


@over(TCP, first=b"R", bytes_at={1: b"F", 2: b"B"})
def rfb(message: Message) -> Role | None:
    """RFC 6143, 7.1.1: both sides send the same version line."""
    return Role("rfb", "version line", EITHER) if re.match(rb"RFB \d{3}\.\d{3}\n", message.data) else None


@over(TCP, 1080, 9050, 9150)
def socks(message: Message) -> Role | None:
    """RFC 1928 and SOCKS 4: the methods that a client offers, the one that a server picks."""
    data, length = message.data, message.length
    if data[0] == 5 and length == 2 + data[1] and data[1]:
        return Role("socks", "method offer", CLIENT)
    if data[0] == 4 and data[1] in (1, 2) and length >= 9 and u16(data, 2):
        return Role("socks", "SOCKS 4 request", CLIENT)
    if (data[0] == 5 and length == 2) or (data[0] == 0 and 0x5A <= data[1] <= 0x5D and length == 8):
        return Role("socks", "answer", SERVER)
    return None


SOCKS_ADDRESSES = {1: 4, 4: 16}


@over(TCP, bytes_at={0: b"\x05", 1: bytes(range(9)), 2: b"\x00", 3: b"\x01\x03\x04"})
def socks_request(message: Message) -> Role | None:
    """RFC 1928, 4 and 6, on any port: the length fits the address. A request's command and a reply's code share their
    numbers, but for success; what is asked for has a port, and a failure names none."""
    data, length = message.data, message.length
    is_known = data[0] == 5 and data[1] <= 8 and data[2] == 0 and data[3] in (1, 3, 4)
    if not is_known or length != 6 + SOCKS_ADDRESSES.get(data[3], 1 + data[4]):
        return None
    if data[1] == 0:
        return Role("socks", "reply", SERVER)
    return Role("socks", "request", CLIENT) if data[1] <= 3 and u16(data, length - 2) else None


@over(UDP, 514, first=b"<")
def syslog(message: Message) -> Role | None:
    """RFC 3164 and RFC 5424: a priority in angle brackets; nobody answers."""
    return Role("syslog", "log line", CLIENT) if re.match(rb"<\d{1,3}>", message.data) else None
