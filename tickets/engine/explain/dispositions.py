"""Words for what the author states, and for the rows of the decision table (`disposition`)."""

from __future__ import annotations

from collections.abc import Mapping

from .lessons import (
    ACTIVITY,
    AUTHORISED,
    CONTEXT,
    DECOY_DECISION,
    FALSE,
    INSIDE,
    NO_EFFECT,
    OPEN,
    SUCCESS,
    Words,
)

WORDS: Mapping[str, Words] = {
    "context.auth": Words(
        {
            "in": "The activity is on the list of authorised ones, and within its scope and time.",
            "out": "The activity is on the list of authorised ones, but outside its scope or time.",
            "no": "The activity is not on the list of authorised ones.",
            "unk": "Whether the activity is authorised is not known.",
        },
        CONTEXT,
    ),
    "context.role": Words(
        {
            "prod": "The protected host is a production server.",
            "work": "The protected host is a workstation.",
            "infra": "The protected host belongs to the infrastructure.",
            "honeypot": "The protected host is a decoy.",
            "none": "No host of ours is behind the protected address.",
        },
        CONTEXT,
    ),
    "context.origin": Words(
        {
            "ext": "The acting party is outside.",
            "int": "The acting party is inside.",
            "partner": "The acting party is a partner.",
            "none": "There is no acting party.",
        },
        CONTEXT,
    ),
    "context.mal": Words(
        {
            "y": "The activity serves a malicious purpose.",
            "n": "The activity serves no malicious purpose.",
            "unk": "The purpose of the activity is not known.",
        },
        CONTEXT,
    ),
    "context.evid": Words(
        {
            "none": "Nothing suggests that an attack succeeded.",
            "possible": "There are signs that an attack may have succeeded.",
            "confirmed": "It is proven that an attack succeeded.",
            "missing": "The records that would show whether an attack succeeded are missing.",
        },
        CONTEXT,
    ),
    "context.effect": Words(
        {
            "blocked": "The attempt was blocked.",
            "rst": "The attempt was reset.",
            "noreply": "The attempt was not answered.",
            "failed": "The connection stood, and the attempt failed.",
            "established": "The conversation stood.",
            "success": "The attempt succeeded.",
            "na": "Nothing was attempted.",
        },
        CONTEXT,
    ),
    "context.data_error": Words(
        {
            "y": "The alert's data is wrong in something other than direction.",
            "n": "The alert's data is right apart from direction.",
        },
        CONTEXT,
    ),
    "context.dup": Words(
        {"y": "The same flow already has a ticket.", "n": "The flow has no other ticket."}, CONTEXT
    ),
    "disposition.R0": Words(
        "The same flow already has a ticket: one event, one case.",
        "Two sensors or an address translation can report one flow twice. "
        "Compare time, server and byte counts, and add new evidence to the first ticket.",
    ),
    "disposition.R1a": Words(
        "An outside attacker succeeded on a decoy: that is worth knowing and harms nothing real.",
        DECOY_DECISION,
    ),
    "disposition.R1": Words(
        "It is proven that an attack succeeded, and that outranks everything else.", SUCCESS
    ),
    "disposition.R2": Words("The rule was right, and the activity is authorised.", AUTHORISED),
    "disposition.R3": Words(
        "The activity is authorised, but went beyond its scope or time.",
        "An authorisation is a fence, not a pass. Compare source, target, time and method with the list.",
    ),
    "disposition.R4": Words(
        "The corrected facts no longer fit what the rule looks for, and nothing in them is suspicious: "
        "the alert's data was wrong.",
        FALSE,
    ),
    "disposition.R5": Words(
        "The facts are right, yet they are not what the rule looks for, and nothing in them is suspicious: "
        "the rule is too broad.",
        FALSE,
    ),
    "disposition.R4x": Words(
        "The conversation is not what the rule looks for, but it is suspicious in itself: it needs a fresh look.",
        FALSE,
    ),
    "disposition.R5b": Words(
        "Who opened it is a guess, but contact with a known malicious party counts either way.", ACTIVITY
    ),
    "disposition.R6": Words("A fact that the decision needs is missing.", OPEN),
    "disposition.R7a": Words("The decoy did not take part in the conversation.", DECOY_DECISION),
    "disposition.R7b": Words(
        "The decoy was used, or the source is one of ours: either way it is worth following.", DECOY_DECISION
    ),
    "disposition.R8": Words(
        "The rule was right, and the cause is harmless.",
        "A right detection of something harmless is benign, not false. Name the harmless cause and its proof.",
    ),
    "disposition.R9": Words(
        "An inside or partner host tried something malicious: that it failed protects the target, not the source.",
        INSIDE,
    ),
    "disposition.R9b": Words(
        "One failed attempt from inside or a partner proves nothing yet, either way.", INSIDE
    ),
    "disposition.R10b": Words(
        "The attempt failed, but there are signs of success that forbid closing.", OPEN
    ),
    "disposition.R10": Words("The attempt was real and had no effect.", NO_EFFECT),
    "disposition.R11b": Words(
        "The conversation stood, and neither its purpose nor anything suspicious is shown.", OPEN
    ),
    "disposition.R11": Words("There is an effect or a session, and it needs a response.", ACTIVITY),
    "disposition.R12": Words("The activity itself is malicious.", ACTIVITY),
    "disposition.R13": Words("Nothing was attempted, and the purpose is not known.", OPEN),
    "disposition.open": Words("The disposition depends on what is not stated here: {depends_on}.", OPEN),
}
