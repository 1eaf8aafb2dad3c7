"""What both sides of SSH agree upon, from the lists that they send in the clear (RFC 4253, 7.1)."""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.sensors.spoken.turns import Turn

KEXINIT = 20
NAMES = ("kex_alg", "host_key_alg", "cipher_alg", "", "mac_alg", "", "compression_alg")


def read_agreement(turns: Sequence[Turn]) -> dict[str, str] | None:
    """The first algorithm of the client's that the server offers too, for each kind; None without both lists."""
    offers = {
        side: _offer(b"".join(turn.data for turn in turns if turn.from_orig is side))
        for side in (True, False)
    }
    client, server = offers[True], offers[False]
    if client is None or server is None:
        return None
    chosen = {
        name: next((item for item in mine if item in theirs), "")
        for name, mine, theirs in zip(NAMES, client, server, strict=False)
        if name
    }
    if chosen["cipher_alg"].startswith("chacha20") or "gcm" in chosen["cipher_alg"]:
        chosen["mac_alg"] = "<implicit>"
    return {name: value for name, value in chosen.items() if value}


def _offer(data: bytes) -> list[list[str]] | None:
    """The name lists of KEXINIT, which follows the greeting's line."""
    at = data.find(b"\n") + 1
    if not at or data[at + 5 : at + 6] != bytes([KEXINIT]):
        return None
    at += 6 + 16
    lists = []
    for _ in range(len(NAMES)):
        length = int.from_bytes(data[at : at + 4], "big")
        lists.append(data[at + 4 : at + 4 + length].decode("ascii", "replace").split(","))
        at += 4 + length
    return lists
