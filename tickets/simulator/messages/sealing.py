"""AES-128 (FIPS 197), its Galois counter mode (NIST SP 800-38D) and HKDF (RFC 5869): just what QUIC's first packets need.

Those packets are sealed with keys that anyone on the way can derive, so nothing here keeps a secret.
"""

from __future__ import annotations

import hmac

BLOCK = 16
GALOIS = 0xE1 << 120


def _double(value: int) -> int:
    """Times x in AES's field."""
    return (value << 1) ^ (0x11B if value & 0x80 else 0)


def _make_box() -> bytes:
    """The substitution: inverses, found by walking with the generator 3 and its inverse, then the affine map."""
    box, forward, backward = bytearray(256), 1, 1
    while True:
        forward ^= _double(forward)
        backward ^= backward << 1
        backward ^= backward << 2
        backward ^= backward << 4
        backward &= 0xFF
        backward ^= 0x09 if backward & 0x80 else 0
        turned = (backward * 0x101 >> shift for shift in (4, 5, 6, 7, 8))
        mixed = 0x63
        for value in turned:
            mixed ^= value & 0xFF
        box[forward] = mixed
        if forward == 1:
            break
    box[0] = 0x63
    return bytes(box)


BOX = _make_box()


def expand_key(key: bytes) -> list[bytes]:
    """The eleven round keys (FIPS 197, 5.2)."""
    words = [key[at : at + 4] for at in range(0, BLOCK, 4)]
    constant = 1
    while len(words) < 44:
        word = words[-1]
        if len(words) % 4 == 0:
            word = bytes(BOX[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        words.append(_xor(words[-4], word))
    return [b"".join(words[at : at + 4]) for at in range(0, 44, 4)]


def encrypt_block(keys: list[bytes], block: bytes) -> bytes:
    state = _xor(block, keys[0])
    for number in range(1, 11):
        shifted = bytes(BOX[state[(at + 4 * (at % 4)) % BLOCK]] for at in range(BLOCK))
        mixed = b"".join(map(_mix, (shifted[at : at + 4] for at in range(0, BLOCK, 4))))
        state = _xor(shifted if number == 10 else mixed, keys[number])
    return state


def _mix(column: bytes) -> bytes:
    total = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[at] ^ total ^ _double(column[at] ^ column[(at + 1) % 4]) for at in range(4))


def seal(key: bytes, nonce: bytes, text: bytes, header: bytes) -> bytes:
    """AES-GCM: the text encrypted, and a tag over it and the header."""
    keys = expand_key(key)
    blocks = -(-len(text) // BLOCK)
    pad = b"".join(encrypt_block(keys, nonce + number.to_bytes(4, "big")) for number in range(2, blocks + 2))
    sealed = _xor(text, pad[: len(text)])
    sizes = (8 * len(header)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    whole = _padded(header) + _padded(sealed) + sizes
    tag = _hash(int.from_bytes(encrypt_block(keys, bytes(BLOCK)), "big"), whole)
    return sealed + _xor(tag, encrypt_block(keys, nonce + b"\x00\x00\x00\x01"))


def _hash(key: int, data: bytes) -> bytes:
    """GHASH (SP 800-38D, 6.4): the key times powers of x, one for each bit of a block."""
    powers, power = [], key
    for _ in range(128):
        powers.append(power)
        power = power >> 1 ^ (GALOIS if power & 1 else 0)
    total = 0
    for at in range(0, len(data), BLOCK):
        factor, total = total ^ int.from_bytes(data[at : at + BLOCK], "big"), 0
        for bit in range(128):
            if factor >> 127 - bit & 1:
                total ^= powers[bit]
    return total.to_bytes(BLOCK, "big")


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


def expand_label(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label without a context, for up to 32 bytes (RFC 8446, 7.1)."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes([len(name)]) + name + b"\x00"
    return hmac.digest(secret, info + b"\x01", "sha256")[:size]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
