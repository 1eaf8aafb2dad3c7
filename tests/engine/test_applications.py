"""Messages as they stand on the wire: who says such a thing. Literals are short and written for this test."""

from __future__ import annotations

import random
import struct
from itertools import chain, product

import pytest

from tickets.engine.applications import CLIENT, EITHER, SERVER, Message, Role, recognise
from tickets.engine.applications.roles import RECOGNISERS, Entry, Recogniser
from tickets.engine.types import Protocol

TCP, UDP = Protocol.TCP, Protocol.UDP


def dns(flags: int) -> bytes:
    return struct.pack(">HHHHHH", 7, flags, 1, 0, 0, 0)


def handshake(kind: int, body: bytes = b"\x03\x03" + bytes(40)) -> bytes:
    message = bytes([kind]) + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message


def dtls(kind: int, body: bytes = b"\xfe\xfd" + bytes(40)) -> bytes:
    message = bytes([kind]) + len(body).to_bytes(3, "big") + bytes(8) + body
    return b"\x16\xfe\xfd" + bytes(8) + len(message).to_bytes(2, "big") + message


def quic(first: int, to: int, own: int, version: int = 1) -> bytes:
    return (
        bytes([first])
        + struct.pack(">I", version)
        + bytes([to])
        + bytes(to)
        + bytes([own])
        + bytes(own)
        + bytes(40)
    )


def smb1(flags: int) -> bytes:
    return b"\0\0\0\x40\xffSMB\x72" + bytes(4) + bytes([flags]) + bytes(50)


def smb2(flags: int) -> bytes:
    return b"\0\0\0\x60\xfeSMB" + bytes(12) + struct.pack("<I", flags) + bytes(60)


def rpc(kind: int, little: bool = True) -> bytes:
    order = "<" if little else ">"
    return (
        bytes([5, 0, kind, 3, 0x10 if little else 0, 0, 0, 0])
        + struct.pack(order + "HHI", 72, 0, 1)
        + bytes(56)
    )


def ldap(tag: int) -> bytes:
    return bytes([0x30, 12, 2, 1, 1, tag, 7]) + bytes(7)


def snmp(tag: int) -> bytes:
    return bytes([0x30, 20, 2, 1, 1, 4, 6]) + b"public" + bytes([tag, 4]) + bytes(4)


def stun(kind: int) -> bytes:
    return struct.pack(">HHI", kind, 0, 0x2112A442) + bytes(12)


def dhcp(op: int) -> bytes:
    return bytes([op, 1, 6, 0]) + bytes(232) + b"\x63\x82\x53\x63" + bytes(20)


def question(flags: int) -> bytes:
    return dns(flags) + b"\7example\3net\0\0\1\0\1"


def mongo(answered: int, operation: int) -> bytes:
    return struct.pack("<IIII", 36, 5, answered, operation) + bytes(20)


def pptp(kind: int) -> bytes:
    return struct.pack(">HHIHH", 156, 1, 0x1A2B3C4D, kind, 0) + bytes(144)


def modbus(*unit: int) -> bytes:
    return struct.pack(">HHH", 7, 0, 1 + len(unit)) + bytes([1, *unit])


def enip(command: int, session: int, body: bytes) -> bytes:
    return struct.pack("<HHII", command, len(body), session, 0) + bytes(12) + body


def cip(service: int) -> bytes:
    return enip(0x6F, 3, bytes(6) + b"\2\0\0\0\0\0\xb2\0\2\0" + bytes([service, 0]))


def bacnet(unit: int) -> bytes:
    return b"\x81\x0a\0\x0a\1\0" + bytes([unit, 0, 0, 0])


def s7(kind: int) -> bytes:
    return b"\3\0\0\x19\2\xf0\x80\x32" + bytes([kind]) + bytes(16)


def iscsi(code: int) -> bytes:
    return bytes([code]) + bytes(47)


def cql(version: int, operation: int) -> bytes:
    return bytes([version, 0, 0, 1, operation]) + struct.pack(">I", 4) + bytes(4)


def amqp(method: int) -> bytes:
    return b"\1\0\0" + struct.pack(">IHH", 8, 10, method) + bytes(4) + b"\xce"


def kafka(client: bytes) -> bytes:
    return struct.pack(">IHHIH", 10 + len(client), 18, 3, 7, len(client)) + client


def ipmi(function: int) -> bytes:
    return b"\6\0\xff\7" + bytes(9) + b"\7\x20" + bytes([function << 2, 0, 0, 0, 0, 0])


def rmcp_plus(kind: int) -> bytes:
    return b"\6\0\xff\7\6" + bytes([kind]) + bytes(8) + b"\x20\0" + bytes(32)


def diameter(flags: int, command: int = 257) -> bytes:
    return struct.pack(">II", 1 << 24 | 20, flags << 24 | command) + bytes(12)


def tacacs(number: int) -> bytes:
    return bytes([0xC0, 1, number, 0]) + struct.pack(">II", 9, 8) + bytes(8)


def tns(kind: int) -> bytes:
    return struct.pack(">HHBBH", 34, 0, kind, 0, 0) + bytes(26)


def found(action: bytes) -> bytes:
    return (
        b"<?xml version='1.0'?><Action>http://docs.oasis-open.org/ws-dd/ns/discovery/" + action + b"</Action>"
    )


ANYWHERE = [
    (b"GET /index.html HTTP/1.1\r\n", "http", CLIENT),
    (b"BREW /pot HTTP/1.1\r\nHost: x\r\n", "http", CLIENT),
    (b"HTTP/1.1 404 Not Found\r\n", "http", SERVER),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2", CLIENT),
    (handshake(1), "tls", CLIENT),
    (handshake(2), "tls", SERVER),
    (handshake(14, b""), "tls", SERVER),
    (handshake(16), "tls", CLIENT),
    (b"\x16\x03\x03\x00\x28\x01\xff\xff\xff" + bytes(36), "tls", EITHER),
    (b"\x17\x03\x03\x00\x20" + bytes(32), "tls", EITHER),
    (b"\x80\x2e\x01\x03\x01" + bytes(43), "tls", CLIENT),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "ssh", EITHER),
    (b"EHLO client.example.net\r\n", "smtp", CLIENT),
    (b"220 mx.example.net ESMTP ready\r\n", "smtp", SERVER),
    (b"USER ana\r\n", "ftp", CLIENT),
    (b"230 Logged in.\r\n", "", SERVER),
    (b"+OK ready\r\n", "pop3", SERVER),
    (b"* OK IMAP4rev2 ready\r\n", "imap", SERVER),
    (b"a1 LOGIN ana secret\r\n", "imap", CLIENT),
    (b":irc.example.net 001 ana :Welcome\r\n", "irc", SERVER),
    (b"NICK ana\r\n", "irc", CLIENT),
    (b"<stream:stream to='example.net' version='1.0'>", "xmpp", CLIENT),
    (b"<?xml version='1.0'?><stream:stream from='example.net' id='7'>", "xmpp", SERVER),
    (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd", "mqtt", CLIENT),
    (b"RFB 003.008\n", "rfb", EITHER),
    (smb1(0x18), "smb", CLIENT),
    (smb1(0x98), "smb", SERVER),
    (smb2(0), "smb", CLIENT),
    (smb2(1), "smb", SERVER),
    (rpc(11), "dcerpc", CLIENT),
    (rpc(12, little=False), "dcerpc", SERVER),
    (ldap(0x60), "ldap", CLIENT),
    (ldap(0x61), "ldap", SERVER),
    (b"\x03\x00\x00\x13\x0e\xe0" + bytes(13), "tpkt", CLIENT),
    (b"\x03\x00\x00\x13\x0e\xd0" + bytes(13), "tpkt", SERVER),
    (struct.pack("<I", 20)[:3] + b"\x00\x0a8.0.36\x00" + bytes(12), "mysql", SERVER),
    (struct.pack(">II", 8, 80877103), "postgresql", CLIENT),
    (b"*1\r\n$4\r\nPING\r\n", "redis", CLIENT),
    (b"HELF" + struct.pack("<I", 32) + bytes(24), "opcua", CLIENT),
    (b"ACKF" + struct.pack("<I", 28) + bytes(20), "opcua", SERVER),
    (b"\x13BitTorrent protocol" + bytes(48), "bittorrent", EITHER),
    (b"0033git-upload-pack /project.git\0host=example.net\0", "git", CLIENT),
    (b"0032want " + b"a" * 40 + b"\n", "git", CLIENT),
    (b"00a1" + b"7" * 40 + b" HEAD\0side-band", "git", SERVER),
    (b"( success ( 2 2 ( ANONYMOUS ) ( edit-pipeline ) ) ) ", "svn", SERVER),
    (b"( 2 ( edit-pipeline svndiff1 ) 24:svn://svn.example.net/r ) ", "svn", CLIENT),
    (b"@RSYNCD: 31.0\n", "rsync", EITHER),
    (b"@RSYNCD: OK\n", "rsync", SERVER),
    (b"ES\0\0\0\x0d" + bytes(7) + b"\x09\x00" + bytes(4), "elasticsearch", CLIENT),
    (b"ES\0\0\0\x0d" + bytes(7) + b"\x09\x01" + bytes(4), "elasticsearch", SERVER),
    (b"AMQP\0\0\x09\x01", "amqp", CLIENT),
    (b"AMQP\0\1\0\0", "amqp", EITHER),
    (pptp(1), "pptp", CLIENT),
    (pptp(2), "pptp", SERVER),
    (b"PROXY TCP4 192.0.2.7 203.0.113.80 50000 443\r\n", "", CLIENT),
    (b"PROXY TCP4 192.0.2.7 203.0.113.80 50000 80\r\nGET / HTTP/1.1\r\n", "http", CLIENT),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12), "", CLIENT),
    (b"JRMI\0\x02K", "rmi", CLIENT),
    (b"\0\0\0\x2c\4\x1e" + bytes(42), "ssh", CLIENT),
    (b"\0\0\0\x2c\4\x1f" + bytes(42), "ssh", SERVER),
    (b"OPTIONS rtsp://cam.example.net/ RTSP/1.0\r\n", "rtsp", CLIENT),
    (b"RTSP/1.0 200 OK\r\n", "rtsp", SERVER),
    (b"CONNECT\naccept-version:1.2\n\n\0", "stomp", CLIENT),
    (b"CONNECTED\nversion:1.2\n\n\0", "stomp", SERVER),
    (b'INFO {"server_id":"x"}\r\n', "nats", SERVER),
    (b'CONNECT {"verbose":false}\r\n', "nats", CLIENT),
    (struct.pack(">7I", 0x80000018, 9, 0, 2, 100003, 3, 0), "rpc", CLIENT),
    (
        b"\x81\x8f\1\2\3\4" + bytes(b ^ (i % 4 + 1) for i, b in enumerate(b'{"op":"listen"}')),
        "websocket",
        CLIENT,
    ),
    (b'\x81\x0f{"ev":"opened"}', "websocket", SERVER),
]
ON_PORTS = [
    (UDP, 53, dns(0x0100), "dns", CLIENT),
    (UDP, 53, dns(0x8180), "dns", SERVER),
    (UDP, 5355, dns(0), "llmnr", CLIENT),
    (UDP, 137, dns(0x2910), "nbns", CLIENT),
    (TCP, 53, b"\0\x0c" + dns(0x8180), "dns", SERVER),
    (UDP, 67, dhcp(1), "dhcp", CLIENT),
    (UDP, 67, dhcp(2), "dhcp", SERVER),
    (UDP, 547, b"\x01abc" + bytes(20), "dhcp", CLIENT),
    (UDP, 123, b"\x23" + bytes(47), "ntp", CLIENT),
    (UDP, 123, b"\x24" + bytes(47), "ntp", SERVER),
    (UDP, 123, b"\x16\x02" + bytes(10), "ntp", CLIENT),
    (UDP, 123, b"\x16\x82" + bytes(10), "ntp", SERVER),
    (UDP, 161, snmp(0xA0), "snmp", CLIENT),
    (UDP, 161, snmp(0xA2), "snmp", SERVER),
    (UDP, 1812, b"\x01\x01\x00\x14" + bytes(16), "radius", CLIENT),
    (UDP, 1812, b"\x02\x01\x00\x14" + bytes(16), "radius", SERVER),
    (UDP, 500, b"a" * 8 + bytes(8) + b"\x21\x20\x22\x08" + bytes(4) + b"\0\0\0\x1c", "ike", CLIENT),
    (UDP, 500, b"a" * 16 + b"\x21\x20\x22\x20" + bytes(4) + b"\0\0\0\x1c", "ike", SERVER),
    (UDP, 111, struct.pack(">IIIIII", 1, 0, 2, 100000, 2, 3), "rpc", CLIENT),
    (UDP, 111, struct.pack(">IIIIII", 1, 1, 0, 0, 0, 0), "rpc", SERVER),
    (UDP, 514, b"<34>Oct 11 22:14:15 host su: x", "syslog", CLIENT),
    (UDP, 1194, b"\x38" + bytes(13), "openvpn", CLIENT),
    (UDP, 1194, b"\x40" + bytes(25), "openvpn", SERVER),
    (UDP, 1900, b"M-SEARCH * HTTP/1.1\r\n", "ssdp", CLIENT),
    (UDP, 5060, b"INVITE sip:b@example.net SIP/2.0\r\n", "sip", CLIENT),
    (UDP, 5060, b"SIP/2.0 200 OK\r\n", "sip", SERVER),
    (UDP, 9999, stun(0x0001), "stun", CLIENT),
    (UDP, 9999, stun(0x0101), "stun", SERVER),
    (UDP, 9999, stun(0x0011), "stun", EITHER),
    (UDP, 9999, dtls(1), "dtls", CLIENT),
    (UDP, 9999, dtls(2), "dtls", SERVER),
    (UDP, 443, quic(0xC0, 8, 0), "quic", CLIENT),
    (UDP, 443, quic(0xC0, 0, 8), "quic", SERVER),
    (UDP, 443, quic(0xC0, 8, 8), "quic", EITHER),
    # What a client sends later goes to an id that the server chose, of any length.
    (UDP, 443, quic(0xC0, 4, 0), "quic", CLIENT),
    (UDP, 443, quic(0xC0, 4, 4), "quic", EITHER),
    (UDP, 443, quic(0xC0, 0, 0), "quic", EITHER),
    (UDP, 443, quic(0xC0, 8, 8)[:23] + b"\x40\x10" + bytes(40), "quic", CLIENT),
    (UDP, 443, quic(0xC0, 8, 8)[:23] + b"\x40\x00" + bytes(40), "quic", EITHER),
    (UDP, 443, quic(0xD0, 8, 8), "quic", CLIENT),
    (UDP, 443, quic(0xF0, 8, 8), "quic", SERVER),
    (UDP, 443, quic(0xC0, 8, 8, 0)[:23] + b"\x0a\x1a\x2a\x3a\0\0\0\x01", "quic", SERVER),
    (UDP, 443, b"\x0d" + bytes(8) + b"Q039\x01" + bytes(12) + b"CHLO", "quic", CLIENT),
    (UDP, 443, b"\x08" + bytes(8) + b"\x01" + bytes(12) + b"REJ\0", "quic", SERVER),
    (UDP, 9999, b"d1:ad2:id20:" + b"x" * 20 + b"e1:q4:ping1:t2:aa1:y1:qe", "bittorrent-dht", EITHER),
    (UDP, 88, b"\x6a\x81\x80" + bytes(20), "kerberos", CLIENT),
    (TCP, 88, b"\0\0\0\x20\x7e\x1e" + bytes(30), "kerberos", SERVER),
    (TCP, 25, b"250 2.1.0 Ok\r\n", "smtp", SERVER),
    (TCP, 110, b"STAT\r\n", "pop3", CLIENT),
    (TCP, 1080, b"\x05\x01\x00", "socks", CLIENT),
    (TCP, 1080, b"\x05\x00", "socks", SERVER),
    (TCP, 1433, b"\x12\x01\x00\x2f\x00\x00\x01\x00" + bytes(39), "tds", CLIENT),
    (TCP, 1433, b"\x04\x01\x00\x2f\x00\x00\x01\x00" + bytes(39), "tds", SERVER),
    (TCP, 1883, b"\x20\x02\x00\x00", "mqtt", SERVER),
    (TCP, 3306, b"\x05\x00\x00\x00\x03SHOW", "mysql", CLIENT),
    (TCP, 3389, b"\x03\x00\x00\x13\x0e\xe0" + bytes(13), "rdp", CLIENT),
    (TCP, 5432, b"Q\x00\x00\x00\x0dSELECT 1\x00", "postgresql", CLIENT),
    (TCP, 5432, b"Z\x00\x00\x00\x05I", "postgresql", SERVER),
    (TCP, 5432, b"N", "postgresql", SERVER),
    (TCP, 6379, b"+PONG\r\n", "redis", SERVER),
    (UDP, 5300, question(0x0100), "dns", CLIENT),
    (UDP, 5300, question(0x8180), "dns", SERVER),
    (UDP, 5351, b"\0\0", "nat-pmp", CLIENT),
    (UDP, 5351, b"\0\x80" + bytes(10), "nat-pmp", SERVER),
    (UDP, 1701, b"\xc8\2\0\x14" + bytes(8) + b"\x80\x08" + bytes(5) + b"\1", "l2tp", CLIENT),
    (UDP, 1701, b"\xc8\2\0\x14" + bytes(8) + b"\x80\x08" + bytes(5) + b"\2", "l2tp", SERVER),
    (TCP, 1080, b"\5\1\0\1\xcb\0\x71\x50\0\x50", "socks", CLIENT),
    (TCP, 1080, b"\5\1\0\3\x0bexample.net\0\x50", "socks", CLIENT),
    (TCP, 1080, b"\5\0\0\1" + bytes(6), "socks", SERVER),
    (TCP, 548, b"\0\4\0\1" + bytes(12), "afp", CLIENT),
    (TCP, 548, b"\1\4\0\1" + bytes(12), "afp", SERVER),
    (TCP, 502, modbus(3, 0, 0, 0, 2), "modbus", CLIENT),
    (TCP, 502, modbus(3, 4, 0, 1, 0, 2), "modbus", SERVER),
    (TCP, 502, modbus(1, 3, 0, 0, 2), "modbus", EITHER),
    (TCP, 502, modbus(6, 0, 1, 0, 2), "modbus", EITHER),
    (TCP, 502, modbus(16, 0, 1, 0, 1, 2, 0, 9), "modbus", CLIENT),
    (TCP, 502, modbus(16, 0, 1, 0, 1), "modbus", SERVER),
    (TCP, 502, modbus(0x83, 2), "modbus", SERVER),
    (TCP, 2404, b"\x68\4\7\0\0\0", "iec-104", CLIENT),
    (TCP, 2404, b"\x68\4\x0b\0\0\0", "iec-104", SERVER),
    (TCP, 2404, b"\x68\x0e\0\0\0\0\x64\1\6\0\1\0\0\0\0\x14", "iec-104", CLIENT),
    (TCP, 2404, b"\x68\x0e\0\0\0\0\x64\1\7\0\1\0\0\0\0\x14", "iec-104", SERVER),
    (TCP, 2404, b"\x68\x0e\0\0\0\0\x0d\1\3\0\1\0\0\0\0\x14", "iec-104", SERVER),
    (TCP, 44818, enip(0x65, 0, b"\1\0\0\0"), "enip", CLIENT),
    (TCP, 44818, enip(0x65, 9, b"\1\0\0\0"), "enip", SERVER),
    (TCP, 44818, cip(0x4C), "enip", CLIENT),
    (TCP, 44818, cip(0xCC), "enip", SERVER),
    (UDP, 44818, enip(0x63, 0, b""), "enip", CLIENT),
    (UDP, 44818, enip(0x63, 0, b"\1\0\x0c\0\0\0"), "enip", SERVER),
    (UDP, 47808, bacnet(0x00), "bacnet", CLIENT),
    (UDP, 47808, bacnet(0x10), "bacnet", EITHER),
    (UDP, 47808, bacnet(0x30), "bacnet", SERVER),
    (UDP, 5683, b"\x44\1\0\1abcd\xb4test", "coap", CLIENT),
    (UDP, 5683, b"\x64\x45\0\1abcd\xffyes", "coap", SERVER),
    (TCP, 102, s7(1), "s7comm", CLIENT),
    (TCP, 102, s7(3), "s7comm", SERVER),
    (TCP, 3260, iscsi(0x43), "iscsi", CLIENT),
    (TCP, 3260, iscsi(0x23), "iscsi", SERVER),
    (TCP, 27017, mongo(0, 2013), "mongodb", CLIENT),
    (TCP, 27017, mongo(7, 2013), "mongodb", SERVER),
    (TCP, 9042, cql(4, 5), "cassandra", CLIENT),
    (TCP, 9042, cql(0x84, 6), "cassandra", SERVER),
    (TCP, 9092, kafka(b"producer-1"), "kafka", CLIENT),
    (TCP, 5672, amqp(10), "amqp", SERVER),
    (TCP, 5672, amqp(11), "amqp", CLIENT),
    (TCP, 11211, b"get session:7\r\n", "memcached", CLIENT),
    (TCP, 11211, b"VALUE session:7 0 3\r\nabc\r\nEND\r\n", "memcached", SERVER),
    (TCP, 11211, b"\x80" + bytes(23), "memcached", CLIENT),
    (UDP, 11211, b"\0\1\0\0\0\1\0\0stats\r\n", "memcached", CLIENT),
    (UDP, 11211, b"\0\1\0\0\0\4\0\0STAT pid 7\r\n", "memcached", SERVER),
    (TCP, 1521, tns(1), "oracle", CLIENT),
    (TCP, 1521, tns(2), "oracle", SERVER),
    (UDP, 1434, b"\3", "mssql-browser", CLIENT),
    (UDP, 1434, b"\5\6\0SERVER", "mssql-browser", SERVER),
    (TCP, 513, b"\0ana\0ana\0xterm/38400\0", "login", CLIENT),
    (TCP, 514, b"1022\0ana\0ana\0uptime\0", "shell", CLIENT),
    (TCP, 515, b"\2lp\n", "printer", CLIENT),
    (TCP, 6000, b"l\0\x0b\0\0\0\0\0\0\0\0\0", "x11", CLIENT),
    (TCP, 6000, b"\1\0\x0b\0\0\0\x20\0", "x11", SERVER),
    (UDP, 623, ipmi(6), "ipmi", CLIENT),
    (UDP, 623, ipmi(7), "ipmi", SERVER),
    (UDP, 623, rmcp_plus(0x12), "ipmi", CLIENT),
    (UDP, 623, rmcp_plus(0x13), "ipmi", SERVER),
    (UDP, 623, b"\6\0\xff\6\0\0\x11\xbe\x80\1\0\0", "ipmi", CLIENT),
    (TCP, 8009, b"\x12\x34\0\2\2\2", "ajp", CLIENT),
    (TCP, 8009, b"AB\0\2\5\1", "ajp", SERVER),
    (TCP, 179, b"\xff" * 16 + b"\0\x13\4", "bgp", EITHER),
    (TCP, 3868, diameter(0x80), "diameter", CLIENT),
    (TCP, 3868, diameter(0), "diameter", SERVER),
    (TCP, 3868, diameter(0x80, 280), "diameter", EITHER),
    (TCP, 49, tacacs(1), "tacacs", CLIENT),
    (TCP, 49, tacacs(2), "tacacs", SERVER),
    (UDP, 3702, found(b"Probe"), "ws-discovery", CLIENT),
    (UDP, 3702, found(b"ProbeMatches"), "ws-discovery", SERVER),
    (UDP, 9999, b"\1\0\0\0" + b"\7" * 144, "wireguard", CLIENT),
    (UDP, 9999, b"\2\0\0\0" + b"\7" * 88, "wireguard", SERVER),
    (UDP, 9999, b"\4\0\0\0\7\7\7\7" + bytes(8) + b"\7" * 16, "wireguard", EITHER),
    (UDP, 9999, b"\x38" + b"\7" * 8 + bytes(5), "openvpn", CLIENT),
    (UDP, 9999, b"\x40" + b"\7" * 8 + b"\1" + bytes(4) + b"\7" * 8 + bytes(4), "openvpn", SERVER),
    (UDP, 9999, struct.pack(">BBHIIIHH", 0x41, 0, 7, 12345, 0, 65535, 1, 9), "bittorrent", CLIENT),
    (UDP, 9999, struct.pack(">IIIIII", 1, 0, 2, 100003, 3, 0), "rpc", CLIENT),
    (TCP, 20000, b"\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x21", "dnp3", EITHER),
    (TCP, 20000, b"\x05\x64\x0b\xc4\x01\x00\x00\x04\xe9\x21\xc0\xc1\x01\x3c\x02\x06\x45\x12", "dnp3", CLIENT),
    (UDP, 20000, b"\x05\x64\x0a\x44\x00\x04\x01\x00\xe9\x21\xc0\xc1\x81\x00\x00\x45\x12", "dnp3", SERVER),
    (TCP, 20000, b"\x05\x64\x0a\x44\x00\x04\x01\x00\xe9\x21\xc0\xf1\x82\x00\x00\x45\x12", "dnp3", SERVER),
    (TCP, 20000, b"\x05\x64\x0b\xc4\x01\x00\x00\x04\xe9\x21\x80\xc1\x01\x3c\x02\x06\x45\x12", "dnp3", EITHER),
]


@pytest.mark.parametrize(("data", "service", "speaker"), ANYWHERE)
def test_a_message_over_tcp_is_known_on_any_port(data: bytes, service: str, speaker: str) -> None:
    role = recognise(TCP, Message(data, len(data), 40000, 50000))
    assert role is not None
    assert (role.service, role.speaker) == (service, speaker)


@pytest.mark.parametrize(("protocol", "port", "data", "service", "speaker"), ON_PORTS)
def test_a_message_with_weak_marks_is_known_on_its_port(
    protocol: Protocol, port: int, data: bytes, service: str, speaker: str
) -> None:
    for ports in ((40000, port), (port, 40000)):
        role = recognise(protocol, Message(data, len(data), *ports))
        assert role is not None
        assert (role.service, role.speaker) == (service, speaker)


@pytest.mark.parametrize(
    ("protocol", "data"),
    [
        (TCP, b""),
        (TCP, b"353 \n"),
        (TCP, b"hello world, this is a shell\n"),
        (TCP, b"uid=33(www-data) gid=33(www-data)\n"),
        (TCP, b"\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x21"),
        (UDP, dns(0x0100)),
        (UDP, b"\x23" + bytes(47)),
        (UDP, bytes(40)),
    ],
)
def test_what_no_protocol_owns_is_nobodys(protocol: Protocol, data: bytes) -> None:
    assert recognise(protocol, Message(data, len(data), 40000, 50000)) is None


def test_tftp_asks_port_69_only() -> None:
    request = b"\0\x01file\0octet\0"
    asked = recognise(UDP, Message(request, len(request), 40000, 69))
    assert asked is not None
    assert asked.speaker == CLIENT
    assert recognise(UDP, Message(request, len(request), 69, 40000)) is None


def test_what_the_ietfs_quic_seals_is_not_read_as_googles() -> None:
    sealed = b"\x4d" + bytes(20) + b"CHLO"
    assert recognise(UDP, Message(sealed, len(sealed), 40000, 443)) is None


ENTRIES: dict[Recogniser, list[Entry]] = {}
for _entry in chain.from_iterable(RECOGNISERS.values()):
    if _entry.bytes_at:
        ENTRIES.setdefault(_entry.recogniser, []).append(_entry)
LATE = [
    b"\xff\xfd\x18\xff\xfd\x20", b"\0\0\0\x04\1\0\0\0\0", b"\x80\0" + b"\1" * 10 + bytes(160),
    b"\x80\xc9\0\1\0\0\0\7",
]  # fmt: skip
SAMPLES = (
    [(data, (40000, 50000)) for data in LATE]
    + [(data, (40000, 50000)) for data, *_ in ANYWHERE]
    + [(data, (40000, port)) for _, port, data, *_ in ON_PORTS]
)


@pytest.mark.parametrize("recogniser", ENTRIES, ids=lambda recogniser: recogniser.__name__)
def test_a_recogniser_knows_nothing_that_begins_otherwise_than_it_says(recogniser: Recogniser) -> None:
    """It is not even asked, so an answer that it would have given is lost."""
    entries = ENTRIES[recogniser]
    known = [(data, ports) for data, ports in SAMPLES if _answer(recogniser, data, ports)]
    assert known
    places = {place for entry in entries for place in entry.bytes_at}
    for (data, ports), place, value in product(known, places, range(256)):
        changed = data[:place] + bytes([value]) + data[place + 1 :]
        is_asked = any(_begins_right(entry, changed) for entry in entries)
        assert is_asked or _answer(recogniser, changed, ports) is None
    shortest = min(max(entry.bytes_at) for entry in entries)
    for (data, ports), length in product(known, range(shortest + 1)):
        assert _answer(recogniser, data[:length], ports) is None


def _begins_right(entry: Entry, data: bytes) -> bool:
    return all(data[place] in wanted for place, wanted in entry.bytes_at.items())


def _answer(recogniser: Recogniser, data: bytes, ports: tuple[int, int]) -> Role | None:
    try:
        return recogniser(Message(data, len(data), *ports))
    except IndexError:
        return None


def test_recognisers_are_asked_in_the_order_that_they_were_entered() -> None:
    reply = b"220 mail.example.net ready\r\n"
    role = recognise(TCP, Message(reply, len(reply), 25, 40000))
    assert role is not None
    assert role.service == "smtp"


def test_http_on_the_port_of_ssdp_is_http_over_tcp_and_ssdp_over_udp() -> None:
    answer = Message(b"HTTP/1.1 200 OK\r\n", 17, 1900, 50000)
    spoken = [recognise(protocol, answer) for protocol in (Protocol.TCP, Protocol.UDP)]
    assert [role and role.service for role in spoken] == ["http", "ssdp"]


def test_random_bytes_speak_no_protocol_on_ports_that_none_owns() -> None:
    """The marks that are looked for on any port are longer than chance makes them: of these none was ever met."""
    source = random.Random(7)
    for protocol in (TCP, UDP):
        for _ in range(20_000):
            data = source.randbytes(source.choice((8, 14, 20, 26, 64, 92, 148, 200)))
            role = recognise(protocol, Message(data, len(data), 40000, 50000))
            assert role is None or role.speaker == EITHER, (role, data)
