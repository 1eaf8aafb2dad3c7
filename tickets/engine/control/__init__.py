"""Control conversations that announce another one: where a file, a call's sound or a service will be found.

A module for each family of protocols. To add one, write a function that reads one payload and enter it with
`@over`: most payloads announce nothing, so it is asked only on its ports, or for its first bytes.
"""

from __future__ import annotations

# Imported for the announcers that they enter.
from . import calls, chats, procedures, transfers  # noqa: F401
from .announcements import Announcement, Announcements, Part

__all__ = ["Announcement", "Announcements", "Part"]
