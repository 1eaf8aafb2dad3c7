"""Who opened a conversation: the ladder of proof. One file a kind of evidence, and `ladder` for their order.

A new rung is a small function with its source (RFC, manual) above it, in the file of its kind, entered in `ladder`;
its words stand in `explain`.
"""

from __future__ import annotations

from .case import MANY_PEERS, Scene
from .guesses import BOUNDARIES, PEERS
from .ladder import Decision, decide_originator, find_basis
from .speech import announcements_of

__all__ = [
    "BOUNDARIES",
    "MANY_PEERS",
    "PEERS",
    "Decision",
    "Scene",
    "announcements_of",
    "decide_originator",
    "find_basis",
]
