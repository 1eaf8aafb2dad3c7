"""Times as the sensors print them. Integer arithmetic, UTC only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

NS_PER_S = 1_000_000_000
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def to_datetime(time_ns: int) -> datetime:
    """The moment to the microsecond below."""
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1_000)


def to_iso(time_ns: int) -> str:
    """2026-03-04T12:00:02.114209, always with six decimals and without a zone."""
    return to_datetime(time_ns).strftime("%Y-%m-%dT%H:%M:%S.%f")


def to_seconds(time_ns: int) -> str:
    """Seconds since 1970 with six decimals."""
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    return f"{seconds}.{rest_ns // 1_000:06d}"


def to_http_date(time_ns: int) -> str:
    """Wed, 04 Mar 2026 12:00:02 GMT; month and day names do not follow the locale."""
    moment = to_datetime(time_ns)
    day, month = WEEKDAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} GMT"


class DeviceClock(NamedTuple):
    """A device's clock: how far it is fast, and how far the time zone that it prints lies east of UTC."""

    fast_ns: int = 0
    east_s: int = 0

    def reads(self, time_ns: int) -> datetime:
        """What the clock's face shows at a moment, cut to the microsecond."""
        return to_datetime(time_ns + self.fast_ns + self.east_s * NS_PER_S)

    @property
    def zone(self) -> str:
        """The zone as +0100."""
        hours, minutes = divmod(abs(self.east_s) // 60, 60)
        return f"{'-' if self.east_s < 0 else '+'}{hours:02d}{minutes:02d}"


def to_syslog(moment: datetime) -> str:
    """Mar  4 12:00:02, the day padded with a space (RFC 3164, 4.1.2)."""
    return f"{MONTHS[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S}"


def to_milliseconds(moment: datetime) -> str:
    """2026-03-04 12:00:02.114, cut below."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1_000:03d}"
