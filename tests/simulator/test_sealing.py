"""The published test vectors."""

from __future__ import annotations

from tickets.simulator.messages.quic import protect
from tickets.simulator.messages.sealing import encrypt_block, expand_key, expand_label, extract, seal


def test_a_block_is_encrypted_as_in_the_standards_example() -> None:
    """FIPS 197, appendix C.1."""
    keys = expand_key(bytes(range(16)))
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert encrypt_block(keys, block).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


def test_a_message_is_sealed_as_in_the_modes_own_example() -> None:
    """Test case 4 of the specification that SP 800-38D was made from."""
    sealed = seal(
        bytes.fromhex("feffe9928665731c6d6a8f9467308308"),
        bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )
    assert sealed[-16:].hex() == "5bc94fbc3221a5db94fae95ae7121a47"
    assert sealed[:16].hex() == "42831ec2217774244b7221b784d0d49c"


def test_the_keys_of_a_quic_connection_are_those_of_the_rfc() -> None:
    """RFC 9001, appendix A.1."""
    salt = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
    secret = expand_label(extract(salt, bytes.fromhex("8394c8f03e515708")), "client in", 32)
    assert expand_label(secret, "quic key", 16).hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert expand_label(secret, "quic iv", 12).hex() == "fa044b2f42a3fd3b46fb255c"
    assert expand_label(secret, "quic hp", 16).hex() == "9f50449e04a0e810283a1e9933adedd2"


def test_the_servers_first_packet_is_protected_as_in_the_rfc() -> None:
    """RFC 9001, appendix A.3."""
    head = bytes.fromhex("c1000000010008f067a5502a4262b50040750001")
    frames = bytes.fromhex(
        "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739"
        "88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94"
        "0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00"
        "020304"
    )
    packet = protect(bytes.fromhex("8394c8f03e515708"), head, frames, is_client=False)
    assert packet[:20].hex() == "cf000000010008f067a5502a4262b5004075c0d9"
    assert packet[20:36].hex() == "5a482cd0991cd25b0aac406a5816b639"
