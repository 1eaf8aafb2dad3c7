"""A domain's directory: LDAP (RFC 4511) and Kerberos (RFC 4120)."""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.messages import asn1
from tickets.simulator.messages.turns import MS, Script, answer, ask, in_turn
from tickets.simulator.randomness import Stream

LDAP_OK, LDAP_BAD_CREDENTIALS = 0, 49
ENUMERATED, BOOLEAN, GENERAL_STRING = 0x0A, 0x01, 0x1B
PREAUTHENTICATION_REQUIRED, PREAUTHENTICATION_FAILED = 25, 24
PA_TIMESTAMP, PA_PAC = 2, 128
AES256 = 18
TEN_HOURS_NS = 36_000 * 10**9


def write_ldap_bind(number: int, name: str, password: str) -> bytes:
    body = asn1.integer(3) + asn1.octets(name.encode()) + asn1.octets(password.encode(), 0x80)
    return _ldap(number, 0, body)


def write_ldap_bind_answer(number: int, code: int = LDAP_OK) -> bytes:
    return _ldap(number, 1, _ldap_result(code))


def write_ldap_search(number: int, base: str, value: tuple[str, str], attributes: Sequence[str]) -> bytes:
    """A whole subtree, by one equality."""
    body = asn1.octets(base.encode()) + asn1.integer(2, ENUMERATED) + asn1.integer(0, ENUMERATED)
    body += asn1.integer(0) + asn1.integer(0) + asn1.encode(BOOLEAN, b"\x00")
    body += asn1.encode(0xA3, *(asn1.octets(part.encode()) for part in value))
    return _ldap(number, 3, body + asn1.sequence(*(asn1.octets(name.encode()) for name in attributes)))


def write_ldap_found(number: int, name: str, values: Sequence[tuple[str, str]]) -> bytes:
    attributes = (
        asn1.sequence(asn1.octets(kind.encode()), asn1.encode(asn1.SET, asn1.octets(value.encode())))
        for kind, value in values
    )
    entry = _ldap(number, 4, asn1.octets(name.encode()) + asn1.sequence(*attributes))
    return entry + _ldap(number, 5, _ldap_result(LDAP_OK))


def write_ldap_unbind(number: int) -> bytes:
    return asn1.sequence(asn1.integer(number), b"\x42\x00")


def talk_ldap(user: str, base: str, *, is_accepted: bool = True) -> Script:
    """A simple bind, one search, good-bye."""
    name = f"cn={user},{base}"
    if not is_accepted:
        refused = write_ldap_bind_answer(1, LDAP_BAD_CREDENTIALS)
        return ask(write_ldap_bind(1, name, "x"), 2 * MS), answer(refused, 3 * MS)
    found = write_ldap_found(2, name, (("cn", user), ("mail", f"{user}@example.net")))
    pairs = (
        (write_ldap_bind(1, name, "Winter-2025"), write_ldap_bind_answer(1)),
        (write_ldap_search(2, base, ("cn", user), ("cn", "mail")), found),
    )
    return (*in_turn(pairs), ask(write_ldap_unbind(3), 4 * MS))


def _ldap(number: int, operation: int, body: bytes) -> bytes:
    return asn1.sequence(asn1.integer(number), asn1.application(operation, body))


def _ldap_result(code: int) -> bytes:
    return asn1.integer(code, ENUMERATED) + asn1.octets(b"") + asn1.octets(b"")


def write_as_request(
    user: str, realm: str, now_ns: int, chance: Stream, *, is_preauthenticated: bool
) -> bytes:
    """AS-REQ (RFC 4120, 5.4.1); the second one proves the password with a sealed time."""
    wants_pac = _padata(PA_PAC, asn1.sequence(asn1.explicit(0, asn1.encode(BOOLEAN, b"\xff"))))
    proof = _padata(PA_TIMESTAMP, _sealed(chance.take(56), has_version=False))
    body = asn1.sequence(
        asn1.explicit(0, asn1.bits(bytes.fromhex("40810010"))),
        asn1.explicit(1, _principal(1, user)),
        asn1.explicit(2, _general(realm)),
        asn1.explicit(3, _principal(2, "krbtgt", realm)),
        asn1.explicit(5, asn1.generalized_time(now_ns + TEN_HOURS_NS)),
        asn1.explicit(7, asn1.integer(chance.below(1 << 31))),
        asn1.explicit(8, asn1.sequence(*(asn1.integer(kind) for kind in (18, 17, 23)))),
    )
    padata = asn1.sequence(*([proof] if is_preauthenticated else []), wants_pac)
    head = asn1.explicit(1, asn1.integer(5)) + asn1.explicit(2, asn1.integer(10))
    return asn1.application(10, asn1.sequence(head, asn1.explicit(3, padata), asn1.explicit(4, body)))


def write_kerberos_error(code: int, realm: str, now_ns: int) -> bytes:
    """KRB-ERROR (RFC 4120, 5.9.1)."""
    return asn1.application(
        30,
        asn1.sequence(
            asn1.explicit(0, asn1.integer(5)),
            asn1.explicit(1, asn1.integer(30)),
            asn1.explicit(4, asn1.generalized_time(now_ns)),
            asn1.explicit(5, asn1.integer(now_ns // 1_000 % 1_000_000)),
            asn1.explicit(6, asn1.integer(code)),
            asn1.explicit(9, _general(realm)),
            asn1.explicit(10, _principal(2, "krbtgt", realm)),
        ),
    )


def write_as_reply(user: str, realm: str, chance: Stream) -> bytes:
    """AS-REP (RFC 4120, 5.4.2): a ticket and what only the client can open."""
    ticket = asn1.application(
        1,
        asn1.sequence(
            asn1.explicit(0, asn1.integer(5)),
            asn1.explicit(1, _general(realm)),
            asn1.explicit(2, _principal(2, "krbtgt", realm)),
            asn1.explicit(3, _sealed(chance.take(900), has_version=True)),
        ),
    )
    return asn1.application(
        11,
        asn1.sequence(
            asn1.explicit(0, asn1.integer(5)),
            asn1.explicit(1, asn1.integer(11)),
            asn1.explicit(3, _general(realm)),
            asn1.explicit(4, _principal(1, user)),
            asn1.explicit(5, ticket),
            asn1.explicit(6, _sealed(chance.take(260), has_version=True)),
        ),
    )


def with_length(message: bytes) -> bytes:
    """Kerberos over TCP (RFC 4120, 7.2.2)."""
    return len(message).to_bytes(4, "big") + message


def _padata(kind: int, value: bytes) -> bytes:
    return asn1.sequence(asn1.explicit(1, asn1.integer(kind)), asn1.explicit(2, asn1.octets(value)))


def _sealed(cipher: bytes, *, has_version: bool) -> bytes:
    version = asn1.explicit(1, asn1.integer(2)) if has_version else b""
    kind = asn1.explicit(0, asn1.integer(AES256))
    return asn1.sequence(kind, version, asn1.explicit(2, asn1.octets(cipher)))


def _principal(kind: int, *names: str) -> bytes:
    parts = asn1.sequence(*map(_general, names))
    return asn1.sequence(asn1.explicit(0, asn1.integer(kind)), asn1.explicit(1, parts))


def _general(text: str) -> bytes:
    return asn1.text(text, GENERAL_STRING)
