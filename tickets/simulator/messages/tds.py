"""TDS, the protocol of Microsoft SQL Server (MS-TDS): prelogin, login, a query."""

from __future__ import annotations

from tickets.simulator.messages.turns import MS, Script, answer, ask


def write_tds_prelogin(version: bytes, *, is_answer: bool) -> bytes:
    """PRELOGIN with the five classic options (MS-TDS 2.2.6.5); an answer travels as a tabular result."""
    tail = b"" if is_answer else bytes(4)  # the client's thread id
    values = (version + bytes(2), b"\x02", b"\x00", tail, b"\x00")
    offset, table = 26, b""
    for token, value in enumerate(values):
        table += bytes([token]) + offset.to_bytes(2, "big") + len(value).to_bytes(2, "big")
        offset += len(value)
    return _tds_packet(0x04 if is_answer else 0x12, table + b"\xff" + b"".join(values))


def write_tds_login(user: str, password: str, client_name: str, server_name: str) -> bytes:
    """LOGIN7 (MS-TDS 2.2.6.4): fixed part, table of offsets, UTF-16 texts; the password is only scrambled."""
    scrambled = bytes((byte << 4 & 0xF0 | byte >> 4) ^ 0xA5 for byte in password.encode("utf-16-le"))
    texts = [text.encode("utf-16-le") for text in (client_name, user)] + [scrambled]
    texts += [text.encode("utf-16-le") for text in ("OSQL-32", server_name, "", "ODBC", "", "")]
    offset, table = 86, b""
    for text in texts:
        table += offset.to_bytes(2, "little") + (len(text) // 2).to_bytes(2, "little")
        offset += len(text)
    end = offset.to_bytes(2, "little") + bytes(2)
    table += bytes(6) + end + end  # client id (a MAC address), SSPI, attached database
    fixed = bytes.fromhex("01000071 00100000 00000007 00010000 00000000 e0030000 88ffffff 09040000")
    body = fixed + table + b"".join(texts)
    return _tds_packet(0x10, (len(body) + 4).to_bytes(4, "little") + body)


def write_tds_login_answer() -> bytes:
    """LOGINACK and DONE: what the decoy says to every login."""
    name = "Microsoft SQL Server".encode("utf-16-le")
    ack = b"\x01" + bytes.fromhex("71000001") + bytes([len(name) // 2]) + name + bytes.fromhex("08000194")
    done = b"\xfd" + bytes(8)
    return _tds_packet(0x04, b"\xad" + len(ack).to_bytes(2, "little") + ack + done)


def _tds_packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, 1]) + (len(body) + 8).to_bytes(2, "big") + b"\x00\x00\x01\x00" + body


def write_tds_login_error(user: str, server_name: str) -> bytes:
    """ERROR 18456, severity 14, and DONE (MS-TDS 2.2.7.10)."""
    text = f"Login failed for user '{user}'.".encode("utf-16-le")
    name = server_name.encode("utf-16-le")
    body = (18456).to_bytes(4, "little") + b"\x01\x0e" + (len(text) // 2).to_bytes(2, "little") + text
    body += bytes([len(name) // 2]) + name + b"\x00" + (1).to_bytes(4, "little")
    done = b"\xfd\x02\x00" + bytes(10)
    return _tds_packet(0x04, b"\xaa" + len(body).to_bytes(2, "little") + body + done)


def write_tds_query(statement: str) -> bytes:
    """SQL batch with its transaction header (MS-TDS 2.2.6.7)."""
    headers = bytes.fromhex("16000000 12000000 0200") + bytes(8) + (1).to_bytes(4, "little")
    return _tds_packet(0x01, headers + statement.encode("utf-16-le"))


def write_tds_count(rows: int) -> bytes:
    """DONE with a number of rows, as TDS 7.1 counts them: what a statement without a result set gives."""
    return _tds_packet(0x04, b"\xfd\x10\x00\xc1\x00" + rows.to_bytes(4, "little"))


def talk_tds_job(user: str, password: str, names: tuple[str, str], statement: str, rows: int) -> Script:
    """Prelogin, login, one statement. `names` are client's and server's."""
    version = bytes.fromhex("0f000fa0")
    return (
        ask(write_tds_prelogin(bytes.fromhex("11000000"), is_answer=False), 3 * MS),
        answer(write_tds_prelogin(version, is_answer=True), 4 * MS),
        ask(write_tds_login(user, password, *names), 6 * MS),
        answer(write_tds_login_answer(), 8 * MS),
        ask(write_tds_query(statement), 5 * MS),
        answer(write_tds_count(rows), 160 * MS),
    )
