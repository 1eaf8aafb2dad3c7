"""What a system's packets look like: first TTL, client ports, windows, options, identifiers, timers.

The values are those that the systems show on the wire with their defaults, as passive fingerprinting
reads them: TTL, window and the order of the TCP options in a SYN name most systems (RFC 6528, RFC 6056
and RFC 6864 say what a stack is free to choose).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag, StrEnum

MS_NS = 1_000_000
SECOND_NS = 1_000_000_000


class TcpOption(IntFlag):
    """The TCP options a system offers in its SYN."""

    NONE = 0
    SACK = 1
    SCALE = 2
    TIMESTAMPS = 4
    SEGMENT = 8


class OptionOrder(StrEnum):
    """In which order a SYN carries its options; MSS stands first everywhere."""

    LINUX = "linux"  # MSS, SACK, timestamps, scale
    WINDOWS = "windows"  # MSS, scale, SACK
    APPLE = "apple"  # MSS, scale, timestamps, SACK, end of list


class IpIds(StrEnum):
    """How a system numbers its IP packets (RFC 6864 leaves it free where nothing may be fragmented)."""

    COUNTED = "counted"
    COUNTED_ONCE_OPEN = "counted_once_open"  # 0 in SYN-ACK and RST, which belong to no socket yet
    RANDOM = "random"
    ZERO = "zero"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    """One system's habits. Windows are in bytes, times in ns.

    `delayed_ack_ns` is how long a lone segment waits for its acknowledgement, 0 for at once. `retries_ns` is
    when a SYN is sent again, counted from the first; `resend_ns` the first wait before unacknowledged data
    go again. `heeds_icmp` says that a SYN answered by an ICMP error is given up at once. `stamped_answer_window` is the
    window of a SYN-ACK with timestamps where it is another than that of a SYN: Linux counts in whole segments, and the
    option makes them 12 bytes shorter.
    """

    name: str
    ttl: int
    client_ports: tuple[int, int]
    syn_window: int
    window: int
    options: TcpOption
    window_shift: int = 0
    order: OptionOrder = OptionOrder.WINDOWS
    mss: int = 1460
    ip_ids: IpIds = IpIds.COUNTED_ONCE_OPEN
    fixed_ip_id: int = 0
    sends_dont_fragment: bool = True
    delayed_ack_ns: int = 0
    retries_ns: tuple[int, ...] = ()
    resend_ns: int = 300 * MS_NS
    heeds_icmp: bool = False
    stamped_answer_window: int = 0


def _seconds(*moments: int) -> tuple[int, ...]:
    return tuple(moment * SECOND_NS for moment in moments)


COMMON_OPTIONS = TcpOption.SEGMENT | TcpOption.SACK | TcpOption.SCALE
ALL_OPTIONS = COMMON_OPTIONS | TcpOption.TIMESTAMPS
LINUX = OperatingSystem(
    name="Linux 6.1",
    ttl=64,
    client_ports=(32768, 60999),
    syn_window=64240,
    window=64256,
    options=ALL_OPTIONS,
    window_shift=7,
    order=OptionOrder.LINUX,
    retries_ns=_seconds(1, 3, 7),
    resend_ns=210 * MS_NS,
    heeds_icmp=True,
    stamped_answer_window=65160,
)
ANDROID = replace(
    LINUX,
    name="Android 14",
    client_ports=(37000, 50000),
    syn_window=65535,
    window=87808,
    window_shift=8,
    stamped_answer_window=0,
)
WINDOWS = OperatingSystem(
    name="Windows 11",
    ttl=128,
    client_ports=(49152, 65535),
    syn_window=64240,
    window=262656,
    options=COMMON_OPTIONS,
    window_shift=8,
    ip_ids=IpIds.COUNTED,
    delayed_ack_ns=40 * MS_NS,
    retries_ns=_seconds(1, 3, 7),
)
WINDOWS_10 = replace(WINDOWS, name="Windows 10", window=131328)
WINDOWS_SERVER = replace(WINDOWS, name="Windows Server 2022", syn_window=65535, window=2097920)
WINDOWS_XP = OperatingSystem(
    name="Windows XP Embedded",
    ttl=128,
    client_ports=(1025, 5000),
    syn_window=65535,
    window=65535,
    options=TcpOption.SEGMENT | TcpOption.SACK,
    ip_ids=IpIds.COUNTED,
    delayed_ack_ns=120 * MS_NS,
    retries_ns=_seconds(3, 9),
)
MACOS = OperatingSystem(
    name="macOS 14",
    ttl=64,
    client_ports=(49152, 65535),
    syn_window=65535,
    window=131712,
    options=ALL_OPTIONS,
    window_shift=6,
    order=OptionOrder.APPLE,
    ip_ids=IpIds.ZERO,
    retries_ns=_seconds(1, 2, 3, 4, 5, 7),
    resend_ns=230 * MS_NS,
)
IOS = replace(MACOS, name="iOS 17", window=131328)
PRINTER = OperatingSystem(
    name="Printer firmware",
    ttl=64,
    client_ports=(1024, 5000),
    syn_window=8192,
    window=8192,
    options=TcpOption.SEGMENT,
    ip_ids=IpIds.COUNTED,
    sends_dont_fragment=False,
    delayed_ack_ns=200 * MS_NS,
    retries_ns=_seconds(3, 9),
    resend_ns=SECOND_NS,
)
CAMERA = OperatingSystem(
    name="Camera firmware (Linux 3.4)",
    ttl=64,
    client_ports=(32768, 61000),
    syn_window=14600,
    window=14656,
    options=ALL_OPTIONS,
    window_shift=4,
    order=OptionOrder.LINUX,
    delayed_ack_ns=40 * MS_NS,
    retries_ns=_seconds(1, 3, 7),
    resend_ns=210 * MS_NS,
)
NETWORK_GEAR = OperatingSystem(
    name="Router or switch",
    ttl=255,
    client_ports=(11000, 65535),
    syn_window=4128,
    window=4128,
    options=TcpOption.SEGMENT,
    mss=536,
    ip_ids=IpIds.COUNTED,
    sends_dont_fragment=False,
    delayed_ack_ns=200 * MS_NS,
    retries_ns=_seconds(2, 6, 14),
    resend_ns=2 * SECOND_NS,
)
# Scanners write their own packets past the system: no state, no second SYN, one identifier or a random one.
# The system under them, which knows nothing of the SYN, resets what is answered.
ZMAP = OperatingSystem(
    name="ZMap",
    ttl=255,
    client_ports=(32768, 61000),
    syn_window=65535,
    window=65535,
    options=TcpOption.NONE,
    ip_ids=IpIds.FIXED,
    fixed_ip_id=54321,
    sends_dont_fragment=False,
)
NMAP = OperatingSystem(
    name="Nmap",
    ttl=52,
    client_ports=(33000, 64000),
    syn_window=1024,
    window=1024,
    options=TcpOption.SEGMENT,
    ip_ids=IpIds.RANDOM,
    sends_dont_fragment=False,
    retries_ns=_seconds(1),
)
MASSCAN = OperatingSystem(
    name="masscan",
    ttl=255,
    client_ports=(40000, 60000),
    syn_window=1024,
    window=1024,
    options=TcpOption.NONE,
    ip_ids=IpIds.RANDOM,
    sends_dont_fragment=False,
)
SYSTEMS = (
    LINUX, ANDROID, WINDOWS, WINDOWS_10, WINDOWS_SERVER, WINDOWS_XP, MACOS, IOS, PRINTER, CAMERA, NETWORK_GEAR,
    ZMAP, NMAP, MASSCAN,
)  # fmt: skip
SCANNERS = (ZMAP, NMAP, MASSCAN)
BY_NAME = {
    "linux": LINUX,
    "android": ANDROID,
    "windows": WINDOWS,
    "windows_10": WINDOWS_10,
    "windows_server": WINDOWS_SERVER,
    "windows_xp": WINDOWS_XP,
    "macos": MACOS,
    "ios": IOS,
    "printer": PRINTER,
    "camera": CAMERA,
    "network_gear": NETWORK_GEAR,
    "zmap": ZMAP,
    "nmap": NMAP,
    "masscan": MASSCAN,
}
