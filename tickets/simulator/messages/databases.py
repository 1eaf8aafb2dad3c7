"""Logins to databases: MySQL, PostgreSQL (frontend protocol 3), Redis (RESP). Microsoft's is in `tds.py`."""

from __future__ import annotations

from tickets.simulator.messages.turns import MS, Script, answer, ask, in_turn
from tickets.simulator.randomness import Stream

MYSQL_CAPABILITIES = 0x00FFA68D  # long password, protocol 4.1, secure connection, plugin; no TLS
MYSQL_PLUGIN = b"mysql_native_password\x00"
POSTGRESQL_3 = 196_608


def talk_mysql(user: str, version: str, chance: Stream, *, is_accepted: bool = True) -> Script:
    """The server speaks first; then the login, and one question where it is let in."""
    low, high = MYSQL_CAPABILITIES & 0xFFFF, MYSQL_CAPABILITIES >> 16
    greeting = b"\x0a" + version.encode() + b"\x00" + chance.below(1 << 20).to_bytes(4, "little")
    greeting += _printable(8, chance) + b"\x00" + low.to_bytes(2, "little") + b"\xff\x02\x00"
    greeting += (
        high.to_bytes(2, "little") + b"\x15" + bytes(10) + _printable(12, chance) + b"\x00" + MYSQL_PLUGIN
    )
    login = MYSQL_CAPABILITIES.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23)
    login += user.encode() + b"\x00\x14" + chance.take(20) + MYSQL_PLUGIN
    opening = (answer(_mysql(0, greeting), 2 * MS), ask(_mysql(1, login), 2 * MS))
    if not is_accepted:
        text = f"Access denied for user '{user}'".encode()
        return (
            *opening,
            answer(_mysql(2, b"\xff" + (1045).to_bytes(2, "little") + b"#28000" + text), 3 * MS),
        )
    done = b"\x00\x00\x00\x02\x00\x00\x00"
    return (
        *opening,
        answer(_mysql(2, done), 3 * MS),
        ask(_mysql(0, b"\x0e"), 9 * MS),
        answer(_mysql(1, done), MS),
        ask(_mysql(0, b"\x01"), 40 * MS),
    )


def _mysql(number: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


def _printable(count: int, chance: Stream) -> bytes:
    return bytes(0x30 + byte % 0x4B for byte in chance.take(count))


def talk_postgresql(user: str, database: str, chance: Stream, *, is_accepted: bool = True) -> Script:
    """Startup, an MD5 challenge, and the server ready or the refusal."""
    values = f"user\x00{user}\x00database\x00{database}\x00\x00".encode()
    startup = (8 + len(values)).to_bytes(4, "big") + POSTGRESQL_3.to_bytes(4, "big") + values
    challenge = _postgresql(b"R", (5).to_bytes(4, "big") + chance.take(4))
    password = _postgresql(b"p", b"md5" + chance.take(16).hex().encode() + b"\x00")
    if is_accepted:
        parameter = _postgresql(b"S", b"server_version\x0015.10\x00")
        key = _postgresql(b"K", chance.take(8))
        reply = _postgresql(b"R", bytes(4)) + parameter + key + _postgresql(b"Z", b"I")
    else:
        text = f'password authentication failed for user "{user}"'.encode()
        reply = _postgresql(b"E", b"SFATAL\x00VFATAL\x00C28P01\x00M" + text + b"\x00\x00")
    farewell = (ask(_postgresql(b"X", b""), 60 * MS),) if is_accepted else ()
    return (*in_turn(((startup, challenge), (password, reply))), *farewell)


def _postgresql(kind: bytes, body: bytes) -> bytes:
    return kind + (4 + len(body)).to_bytes(4, "big") + body


def write_redis_command(*words: str) -> bytes:
    """An array of texts, as clients send it."""
    parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    return f"*{len(words)}\r\n{parts}".encode()


def talk_redis(password: str = "", *, is_accepted: bool = True) -> Script:
    pairs: list[tuple[bytes, bytes]] = []
    if password:
        reply = (
            b"+OK\r\n"
            if is_accepted
            else b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        )
        pairs.append((write_redis_command("AUTH", password), reply))
    if is_accepted:
        pairs.append((write_redis_command("PING"), b"+PONG\r\n"))
        pairs.append((write_redis_command("GET", "session:count"), b"$2\r\n42\r\n"))
    return in_turn(pairs)
