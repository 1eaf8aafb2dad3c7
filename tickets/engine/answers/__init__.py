"""Did the application do what it was asked? Its own answers, read from payloads, one module a group of protocols.

A reader goes through what both sides said and yields an answer where the protocol has one for a login, a message,
a share, a ticket or a connection. What is encrypted, or neither accepts nor refuses, yields nothing. To add a
protocol, write a function beside the others and enter it with `@of`; its rule's words stand in `explain`.
"""

from __future__ import annotations

# Imported for the readers that they enter.
from . import messaging, storage, terminals, windows  # noqa: F401
from .dialogue import Answer, read_answers
from .parsed import answer_of

__all__ = ["Answer", "answer_of", "read_answers"]
