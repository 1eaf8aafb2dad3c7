"""Words for an alert held against its conversation: reversed or not, why, and what its rule expects (`analysis`, `reversal`, `intent`)."""

from __future__ import annotations

from collections.abc import Mapping

from .lessons import (
    CANNOT,
    CAUSE,
    DECOY,
    INTENT,
    MIDSTREAM,
    REVERSED,
    Words,
)

WORDS: Mapping[str, Words] = {
    "reversed.yes": Words(
        "The alert prints {src} as source, but {orig} opened the conversation to {resp}: the alert shows the reply.",
        REVERSED,
    ),
    "reversed.no": Words(
        "The alert prints {src} as source, and {orig} opened the conversation to {resp}: the alert is upright.",
        REVERSED,
    ),
    "reversed.by_design": Words(
        "The alert prints {src} as source, which answers {orig}: the rule is written for replies, so this is meant.",
        REVERSED,
    ),
    "reversed.cannot_be_determined": Words(
        "No proof in the evidence settles which of {src} and {dst} opened the conversation.", CANNOT
    ),
    "cause.response_rule": Words(
        "Rule {sid} looks at packets on their way to the client, so its alerts print the server as source.",
        CAUSE,
    ),
    "cause.pipeline": Words(
        "{source} prints the remote side first, whoever dialled; the record's own action is {action}, so {orig} "
        "opened the conversation.",
        DECOY,
    ),
    "cause.both_halves": Words(
        "{source} writes one line for each direction; the alert quotes the half that {src} sent, which answers "
        "the half that {orig} sent.",
        CAUSE,
    ),
    "cause.midstream": Words(
        "{source} took {src} for the client: it met the conversation in the middle and went by the first packet "
        "that it saw.",
        MIDSTREAM,
    ),
    "cause.reply_packet": Words(
        "{source} prints the packet that fired, and that was a reply: its own record of the flow names {orig} as "
        "the client.",
        REVERSED,
    ),
    "cause.translation": Words(
        "The alert was raised where the addresses are translated; there the conversation that {orig} opened looks "
        "like {src} and {dst}.",
        CAUSE,
    ),
    "alert.no_conversation": Words("The evidence holds no conversation between {src} and {dst}.", CANNOT),
    "alert.several_conversations": Words(
        "The evidence holds {count} conversations between {src} and {dst}, and the alert has no time; "
        "the first is taken.",
        "The same two endpoints may talk more than once. Use the alert's time to find the right conversation.",
    ),
    "intent.protocol": Words(
        {
            "match": "The rule looks for {expected}, and the conversation is {actual}.",
            "mismatch": "The rule looks for {expected}, but the conversation is {actual}.",
            "unknown": "The rule looks for {expected}, and the evidence does not show {missing}.",
        },
        INTENT,
    ),
    "intent.originator_address": Words(
        {
            "match": "The rule expects {expected} to open the conversation, and {actual} did.",
            "mismatch": "The rule expects {expected} to open the conversation, but {actual} did.",
            "unknown": "The rule expects {expected} to open the conversation, and what {missing} holds is not stated.",
        },
        INTENT,
    ),
    "intent.originator_port": Words(
        {
            "match": "The originator's port {actual} is one that the rule expects ({expected}).",
            "mismatch": "The rule expects the originator to use port {expected}, but it uses {actual}.",
            "unknown": "The rule expects the originator to use port {expected}, and what {missing} holds is not stated.",
        },
        INTENT,
    ),
    "intent.responder_address": Words(
        {
            "match": "The rule expects the conversation to go to {expected}, and it goes to {actual}.",
            "mismatch": "The rule expects the conversation to go to {expected}, but it goes to {actual}.",
            "unknown": "The rule expects the conversation to go to {expected}, and what {missing} holds is not stated.",
        },
        INTENT,
    ),
    "intent.responder_port": Words(
        {
            "match": "The responder's port {actual} is one that the rule expects ({expected}).",
            "mismatch": "The rule expects the responder's port to be {expected}, but it is {actual}.",
            "unknown": "The rule expects the responder's port to be {expected}, and what {missing} holds is not stated.",
        },
        INTENT,
    ),
    "intent.state": Words(
        {
            "match": "The rule takes a conversation in state {expected}, and this one is {actual}.",
            "mismatch": "The rule wants the conversation {expected}, but it is {actual}.",
            "unknown": "The rule wants the conversation {expected}; it is {actual}, and {missing} is not in the evidence.",
        },
        INTENT,
    ),
    "intent.originator_unknown": Words(
        "Whether the rule fits depends on which of {first} and {second} opened the conversation, and that is not known.",
        CANNOT,
    ),
    "intent.originator_either": Words(
        "Whichever of {first} and {second} opened the conversation, the answer is the same: {value}.", INTENT
    ),
    "intent.no_rule": Words("The rule's text is not at hand, so what it expects is not known.", INTENT),
    "intent.no_conversation": Words(
        "Without the conversation, what the rule expects cannot be held against anything.", CANNOT
    ),
}
