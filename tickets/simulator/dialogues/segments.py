"""TCP options as the systems write them: bytes padded to a whole number of 32-bit words (RFC 9293, 3.1)."""

from __future__ import annotations

from typing import NamedTuple

from tickets.simulator.systems import OperatingSystem, OptionOrder, TcpOption

TIMESTAMP_OPTION_BYTES = 12
IPV6_EXTRA_BYTES = 20


class Offer(NamedTuple):
    """What a SYN or SYN-ACK carries. `stamps` are the two timestamps' bytes (RFC 7323)."""

    system: OperatingSystem
    agreed: TcpOption
    stamps: bytes
    is_ipv6: bool

    @property
    def segment(self) -> bytes:
        size = segment_bytes(self.system, is_ipv6=self.is_ipv6)
        return b"\x02\x04" + size.to_bytes(2, "big") if self.agreed & TcpOption.SEGMENT else b""

    @property
    def scale(self) -> bytes:
        shift = bytes([self.system.window_shift])
        return b"\x01\x03\x03" + shift if self.agreed & TcpOption.SCALE else b""

    @property
    def sack(self) -> bytes:
        return b"\x01\x01\x04\x02" if self.agreed & TcpOption.SACK else b""

    @property
    def has_stamps(self) -> bool:
        return bool(self.agreed & TcpOption.TIMESTAMPS)


def segment_bytes(system: OperatingSystem, *, is_ipv6: bool) -> int:
    """The maximum segment size that a system announces."""
    return system.mss - (IPV6_EXTRA_BYTES if is_ipv6 else 0)


def write_stamps(own_ms: int, peer_ms: int) -> bytes:
    return b"\x08\x0a" + own_ms.to_bytes(4, "big") + peer_ms.to_bytes(4, "big")


def write_syn_options(offer: Offer) -> bytes:
    return _SYN_OPTIONS[offer.system.order](offer)


def write_sack_block(first: int, after: int) -> bytes:
    """One range that has arrived beyond a hole (RFC 2018, 3)."""
    return b"\x01\x01\x05\x0a" + first.to_bytes(4, "big") + after.to_bytes(4, "big")


def _linux_options(offer: Offer) -> bytes:
    """SACK takes the place of the filling before the timestamps."""
    if not offer.has_stamps:
        return offer.segment + offer.sack + offer.scale
    before = b"\x04\x02" if offer.agreed & TcpOption.SACK else b"\x01\x01"
    return offer.segment + before + offer.stamps + offer.scale


def _windows_options(offer: Offer) -> bytes:
    if not offer.has_stamps:
        return offer.segment + offer.scale + offer.sack
    return offer.segment + offer.scale + b"\x04\x02" + offer.stamps


def _apple_options(offer: Offer) -> bytes:
    if not offer.has_stamps:
        return offer.segment + offer.scale + offer.sack
    sack = b"\x04\x02\x00\x00" if offer.agreed & TcpOption.SACK else b""
    return offer.segment + offer.scale + b"\x01\x01" + offer.stamps + sack


_SYN_OPTIONS = {
    OptionOrder.LINUX: _linux_options,
    OptionOrder.WINDOWS: _windows_options,
    OptionOrder.APPLE: _apple_options,
}
