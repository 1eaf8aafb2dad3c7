"""Evidence files as one case: every conversation in them, and every alert judged against its own.

The same connection may be in a capture, in an IDS log and in a firewall log; read together they are one
conversation, and what one of them lacks another may prove.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from .observing import Observed, observe
from .reversal import Reversal, is_about, judge_reversal
from .rules import Rule
from .traffic import Log
from .types import (
    Alert,
    Cause,
    Conversation,
    Endpoint,
    Finding,
    FlowRecord,
    Problem,
    Protocol,
    Reversed,
)

Key = tuple[Protocol, frozenset[Endpoint]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAlert:
    """An alert and what the evidence says of it. `findings` prove `reversed` and `cause`."""

    alert: Alert
    conversation: Conversation | None
    reversed: Reversed
    cause: Cause | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the files hold. Conversations stand in order of their first record, alerts as they were read."""

    conversations: tuple[Conversation, ...]
    alerts: tuple[JudgedAlert, ...]
    problems: tuple[Problem, ...]


def examine(
    files: Iterable[tuple[str, bytes | BinaryIO]], *, alerts: Sequence[Alert] = (), rules: Sequence[Rule] = ()
) -> Case:
    """Read named files as one case. `alerts` are judged before those that the files hold; `rules` tell which
    alerts print replies by design, by their sid.

    Files are read as they come, in bounded memory for captures. EngineError for a file of no known kind or two of
    the same name: a record's place names its file."""
    observed = observe(files)
    told = (*alerts, *(log for log in observed.logs if isinstance(log, Alert)))
    judge = _Judge(observed, {rule.sid: rule for rule in rules}) if told else None
    return Case(
        conversations=tuple(observed.conversations),
        alerts=tuple(judge.judged(alert) for alert in told) if judge else (),
        problems=tuple(observed.problems),
    )


def nearest_conversation(alert: Alert, conversations: Iterable[Conversation]) -> Conversation | None:
    """Of the conversations between the alert's endpoints the one nearest in time; the first where it has none."""
    fitting = (item for item in conversations if is_about(alert, item))
    return min(fitting, key=lambda item: _away_ns(item, alert.time_ns), default=None)


def _away_ns(conversation: Conversation, time_ns: int | None) -> int:
    if time_ns is None:
        return 0
    return max(conversation.first_ns - time_ns, time_ns - conversation.last_ns, 0)


class _Judge:
    """Alerts against the conversations and log lines of the same endpoints."""

    def __init__(self, observed: Observed, rules: Mapping[int | None, Rule]) -> None:
        self._rules = rules
        self._conversations: defaultdict[Key, list[Conversation]] = defaultdict(list)
        self._logs: defaultdict[Key, list[Log]] = defaultdict(list)
        for conversation in observed.conversations:
            for ends in (conversation.endpoints, *conversation.translated):
                self._conversations[_key(conversation.protocol, *ends)].append(conversation)
        for log in observed.logs:
            self._logs[_key(log.protocol, *_ends(log))].append(log)

    def judged(self, alert: Alert) -> JudgedAlert:
        near = self._conversations[_key(alert.protocol, alert.src, alert.dst)]
        conversation = nearest_conversation(alert, near)
        reversal = self._reversal(alert, conversation)
        return JudgedAlert(
            alert=alert,
            conversation=conversation,
            reversed=reversal.reversed,
            cause=reversal.cause,
            findings=reversal.findings,
        )

    def _reversal(self, alert: Alert, conversation: Conversation | None) -> Reversal:
        views = (conversation.endpoints, *conversation.translated) if conversation else ()
        own = [log for ends in views for log in self._logs[_key(alert.protocol, *ends)]]
        return judge_reversal(alert, conversation, self._rules.get(alert.sid), own)


def _ends(log: Log) -> tuple[Endpoint, Endpoint]:
    return (log.orig, log.resp) if isinstance(log, FlowRecord) else (log.src, log.dst)


def _key(protocol: Protocol, one: Endpoint, other: Endpoint) -> Key:
    """ICMP has no ports: there the two addresses are enough."""
    if protocol is Protocol.ICMP:
        one, other = one._replace(port=0), other._replace(port=0)
    return protocol, frozenset((one, other))
