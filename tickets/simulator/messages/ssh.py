"""SSH (RFC 4253): banners and key exchange in the clear, then opaque packets."""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.messages.turns import MS, Script, answer, ask
from tickets.simulator.randomness import Stream

SSH_KEY_EXCHANGE = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256"
SSH_HOST_KEYS = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"
SSH_CIPHERS = "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com"
SSH_MACS = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"
SSH_COMPRESSION = "none,zlib@openssh.com"


def write_ssh_banner(software: str) -> bytes:
    return f"SSH-2.0-{software}\r\n".encode()


def write_ssh_proposal(chance: Stream) -> bytes:
    """SSH_MSG_KEXINIT with the algorithm lists of a current OpenSSH (RFC 4253, 7.1)."""
    both_ways = (SSH_CIPHERS, SSH_CIPHERS, SSH_MACS, SSH_MACS, SSH_COMPRESSION, SSH_COMPRESSION)
    lists = (SSH_KEY_EXCHANGE, SSH_HOST_KEYS, *both_ways, "", "")
    return _ssh_packet(
        b"\x14" + chance.take(16) + b"".join(_ssh_string(names.encode()) for names in lists) + bytes(5),
        chance,
    )


def write_ssh_key_share(chance: Stream) -> bytes:
    """SSH_MSG_KEX_ECDH_INIT (RFC 5656, 7.1)."""
    return _ssh_packet(b"\x1e" + _ssh_string(chance.take(32)), chance)


def write_ssh_key_reply(chance: Stream) -> bytes:
    """SSH_MSG_KEX_ECDH_REPLY and SSH_MSG_NEWKEYS: host key, key share, signature."""
    host_key = _ssh_string(b"ssh-ed25519") + _ssh_string(chance.take(32))
    signature = _ssh_string(b"ssh-ed25519") + _ssh_string(chance.take(64))
    reply = b"\x1f" + b"".join(_ssh_string(part) for part in (host_key, chance.take(32), signature))
    return _ssh_packet(reply, chance) + write_ssh_new_keys(chance)


def write_ssh_new_keys(chance: Stream) -> bytes:
    return _ssh_packet(b"\x15", chance)


def _ssh_string(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


def _ssh_packet(content: bytes, chance: Stream) -> bytes:
    """An unencrypted packet: length, padding length, content, padding to eight bytes (RFC 4253, 6)."""
    padding = 8 - (5 + len(content)) % 8
    padding += 8 if padding < 4 else 0
    return (1 + len(content) + padding).to_bytes(4, "big") + bytes([padding]) + content + chance.take(padding)


def talk_ssh_opening(client_software: str, server_software: str, chance: Stream) -> Script:
    """From the banners to the first sealed packets: service request and its acceptance."""
    return (
        ask(write_ssh_banner(client_software), 2 * MS),
        answer(write_ssh_banner(server_software), 6 * MS),
        ask(write_ssh_proposal(chance), 2 * MS),
        answer(write_ssh_proposal(chance), MS),
        ask(write_ssh_key_share(chance), 2 * MS),
        answer(write_ssh_key_reply(chance), 4 * MS),
        ask(write_ssh_new_keys(chance) + chance.take(44), 3 * MS),
        answer(chance.take(44), 4 * MS),
    )


def talk_ssh_passwords(attempts: int, chance: Stream, *, is_accepted: bool = False) -> Script:
    """The question without a password, then passwords; a refusal and an acceptance differ in length
    (RFC 4252, 5.1)."""
    turns = [ask(chance.take(68), 4 * MS), answer(chance.take(52), 5 * MS)]
    for attempt in range(attempts):
        is_last = attempt == attempts - 1
        turns.append(ask(chance.take(148), 90 * MS))
        turns.append(answer(chance.take(28 if is_last and is_accepted else 52), 2_000 * MS))
    return tuple(turns)


def talk_ssh_typing(sizes: Sequence[tuple[int, int]], chance: Stream, think_ns: int) -> Script:
    return tuple(
        turn
        for asked, answered in sizes
        for turn in (ask(chance.take(asked), think_ns), answer(chance.take(answered), 7 * MS))
    )
