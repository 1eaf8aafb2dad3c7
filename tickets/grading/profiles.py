"""How a ticket's closing is called where the trainee will work: label sets over the one internal model.

The reason codes are the model; a product has fewer words or others. Marks never depend on the words. The terms are those
of the products' own documentation or source; where a product has no word of its own, the set says what is chosen there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tickets.engine import DISPOSITION_OF, Disposition, ReasonCode


class Profile(StrEnum):
    FIVE_STEPS = "five_steps"
    SENTINEL = "sentinel"
    DEFENDER = "defender"
    SPLUNK = "splunk"
    SECOPS = "secops"
    THEHIVE = "thehive"
    IRIS = "iris"
    OCSF = "ocsf"


PROFILE_NAMES: Mapping[Profile, str] = {
    Profile.FIVE_STEPS: "the five-step method",
    Profile.SENTINEL: "Microsoft Sentinel",
    Profile.DEFENDER: "Microsoft Defender XDR",
    Profile.SPLUNK: "Splunk Enterprise Security",
    Profile.SECOPS: "Google SecOps",
    Profile.THEHIVE: "TheHive",
    Profile.IRIS: "DFIR-IRIS",
    Profile.OCSF: "OCSF",
}

CODES = tuple(ReasonCode)
_FIVE_STEPS = {
    Disposition.TRUE_POSITIVE: "True positive",
    Disposition.BENIGN: "Benign",
    Disposition.FALSE_POSITIVE: "False positive",
    Disposition.UNDETERMINED: "Undetermined",
    Disposition.DUPLICATE: "Duplicate",
}


@dataclass(frozen=True, slots=True)
class Words:
    """One product's word for each reason code."""

    profile: Profile
    closing: Mapping[ReasonCode, str]

    @property
    def name(self) -> str:
        return PROFILE_NAMES[self.profile]

    def disposition(self, disposition: Disposition) -> str:
        """The product's words for a disposition: several, where it keeps apart what this one holds together."""
        words = [word for code, word in self.closing.items() if DISPOSITION_OF[code] is disposition]
        return " or ".join(dict.fromkeys(words))


def _words(profile: Profile, *closing: str) -> Words:
    return Words(profile, dict(zip(CODES, closing, strict=True)))


_SUSPICIOUS, _EXPECTED = "True Positive - suspicious activity", "Benign Positive - suspicious but expected"

# In the order TP1 TP2 TP3 TP4 BN1 BN2 FP1 FP2 UN DUP.
WORDS: Mapping[Profile, Words] = {
    words.profile: words
    for words in (
        Words(Profile.FIVE_STEPS, {code: _FIVE_STEPS[DISPOSITION_OF[code]] for code in CODES}),
        _words(
            Profile.SENTINEL,
            *[_SUSPICIOUS] * 4,
            *[_EXPECTED] * 2,
            "False Positive - incorrect data",
            "False Positive - incorrect alert logic",
            "Undetermined",
            "as the first incident was",
        ),
        _words(
            Profile.DEFENDER,
            "True positive: Compromised account, Malware or the like",
            *["True positive: Malicious user activity, Other or the like"] * 3,
            "Informational, expected activity: Other",
            "Informational, expected activity: Confirmed activity",
            *["False positive: Not malicious"] * 2,
            "False positive: Not enough data to validate",
            "as the first incident was",
        ),
        _words(
            Profile.SPLUNK,
            *["True Positive - Suspicious Activity"] * 4,
            *["Benign Positive - Suspicious But Expected"] * 2,
            "False Positive - Inaccurate Data",
            "False Positive - Incorrect Analytic Logic",
            "Undetermined",
            "Other",
        ),
        _words(
            Profile.SECOPS,
            *["MALICIOUS"] * 4,
            *["NOT_MALICIOUS"] * 4,
            "INCONCLUSIVE",
            "as the first case was",
        ),
        _words(
            Profile.THEHIVE,
            *["TruePositive, WithImpact"] * 3,
            *["TruePositive, NoImpact"] * 2,
            "Other, NotApplicable",
            *["FalsePositive"] * 2,
            "Indeterminate",
            "Duplicated",
        ),
        _words(
            Profile.IRIS,
            *["True Positive With Impact"] * 3,
            *["True Positive Without Impact"] * 2,
            "Legitimate",
            *["False Positive"] * 2,
            "Unknown",
            "Not Applicable",
        ),
        _words(
            Profile.OCSF,
            *["True Positive (2)"] * 4,
            *["Benign (5)"] * 2,
            *["False Positive (1)"] * 2,
            "Insufficient Data (7)",
            "Duplicate (10)",
        ),
    )
}
