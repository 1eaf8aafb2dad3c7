"""Application messages: which protocol a payload speaks, and whether its client or its server says it.

A recogniser looks at one payload. It is sure by the payload alone, or it names the ports on which it
may be asked because the protocol's own marks are too weak. To add a protocol, write a function
beside the others and enter it with `@over`. Symmetric messages (SSH's version line) name the
service and no speaker.
"""

from __future__ import annotations

# Imported for the recognisers that they enter.
from . import (  # noqa: F401
    clusters,
    consoles,
    industrial,
    infrastructure,
    media,
    messaging,
    sessions,
    sharing,
    storage,
    streams,
    tunnels,
    web,
    windows,
)
from .roles import CLIENT, EITHER, SERVER, Message, Role, recognise

__all__ = ["CLIENT", "EITHER", "SERVER", "Message", "Role", "recognise"]
