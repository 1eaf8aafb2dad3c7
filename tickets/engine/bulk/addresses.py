"""Endpoints as numbers, so that thousands can be compared at a time.

An IPv4 address is its own number. IPv6 addresses are numbered as they come. An endpoint is the address's
number with the port behind it.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address

import numpy as np
from numpy.typing import NDArray

from ..readers.network import address_text
from ..traffic import is_group
from ..types import Endpoint
from .frames import Bools
from .records import Ints

FIRST6 = 1 << 32
# Odd factors of 64 bits (the golden ratio's and another's): they spread the bits of both halves.
SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)

# What `Endpoint._make` does, without a step of Python for each.
NEW_ENDPOINT = partial(tuple.__new__, Endpoint)


class Addresses:
    """The addresses of a case."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._packed: list[bytes] = []
        self._texts: dict[int, str] = {}

    def number6(self, src: NDArray[np.void], dst: NDArray[np.void]) -> tuple[Ints, Ints, Bools]:
        """Return the numbers of IPv6 sources and destinations, and for which packets they are sure: two addresses
        that were made to look alike are told apart where they are taken one by one."""
        both = np.concatenate((src, dst))
        halves = both.view("<u8").reshape(-1, 2)
        mixed = halves[:, 0] * SPREAD[0] ^ (halves[:, 1] * SPREAD[1] >> np.uint64(7)) ^ halves[:, 1]
        _, first, which = np.unique(mixed, return_index=True, return_inverse=True)
        is_sure = (halves == halves[first][which]).all(axis=1)
        numbers = np.array([self._number6(packed) for packed in both[first].tolist()], dtype=np.int64)[which]
        count = len(src)
        return numbers[:count], numbers[count:], is_sure[:count] & is_sure[count:]

    def number(self, end: Endpoint) -> int:
        """Return an endpoint's number; its address is canonical text."""
        packed = ip_address(end.ip).packed
        number = int.from_bytes(packed, "big") if len(packed) == 4 else self._number6(packed)
        return number << 16 | end.port

    def number_if_address(self, end: Endpoint) -> int | None:
        """Return the number of an endpoint that somebody else wrote; None when its address is none."""
        try:
            return self.number(end)
        except ValueError:
            return None

    def endpoint(self, number: int) -> Endpoint:
        address = number >> 16
        text = self._texts.get(address)
        if text is None:
            text = self._texts[address] = address_text(self._bytes(address))
        return Endpoint(text, number & 0xFFFF)

    def endpoints(self, numbers: Ints) -> list[Endpoint]:
        """Return the endpoints of many numbers."""
        addresses, which = np.unique(numbers >> 16, return_inverse=True)
        texts = [address_text(self._bytes(address)) for address in addresses.tolist()]
        ports = (numbers & 0xFFFF).tolist()
        return list(map(NEW_ENDPOINT, zip([texts[at] for at in which.tolist()], ports, strict=True)))

    def groups(self, numbers: Ints) -> Bools:
        """Return which endpoints are multicast or broadcast (`traffic.is_group`)."""
        address = numbers >> 16
        found: Bools = (address >> 28 == 0xE) | (address == 0xFFFFFFFF)
        later = np.flatnonzero(address >= FIRST6)
        if len(later):
            groups6 = np.array(list(map(_is_group6, self._packed)), dtype=np.bool_)
            found[later] = groups6[address[later] - FIRST6]
        return found

    def _number6(self, packed: bytes) -> int:
        number = self._numbers.get(packed)
        if number is None:
            number = self._numbers[packed] = FIRST6 + len(self._packed)
            self._packed.append(packed)
        return number

    def _bytes(self, address: int) -> bytes:
        return self._packed[address - FIRST6] if address >= FIRST6 else address.to_bytes(4, "big")


def _is_group6(packed: bytes) -> bool:
    """What `traffic.is_group` says of it: RFC 4291, 2.7. The text is made only where an IPv4 address may be within."""
    return packed[0] == 0xFF or (not any(packed[:10]) and is_group(address_text(packed)))
