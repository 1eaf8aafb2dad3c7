"""Where a rule stands in MITRE ATT&CK: as its author says, else as its class suggests. Said of the rule, never of the traffic.

Sources: attack.mitre.org/tactics/enterprise; Suricata's classification.config for what each class means; Emerging Threats'
metadata keys `mitre_tactic_id`, `mitre_tactic_name`, `mitre_technique_id`, `mitre_technique_name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tickets.engine import EngineError, Rule, parse_rule


class Tactic(NamedTuple):
    """A tactic or technique. `is_authors`: the rule's author names it; else its class suggests it."""

    code: str
    name: str
    is_authors: bool = False


RECONNAISSANCE = Tactic("TA0043", "Reconnaissance")
INITIAL_ACCESS = Tactic("TA0001", "Initial Access")
CREDENTIAL_ACCESS = Tactic("TA0006", "Credential Access")
COMMAND_AND_CONTROL = Tactic("TA0011", "Command and Control")
IMPACT = Tactic("TA0040", "Impact")

# Classes that say nothing of a purpose, such as misc-activity, suggest none.
_SUGGESTED: Mapping[str, Tactic] = {
    "attempted-recon": RECONNAISSANCE,
    "successful-recon-limited": RECONNAISSANCE,
    "successful-recon-largescale": RECONNAISSANCE,
    "network-scan": RECONNAISSANCE,
    "attempted-user": INITIAL_ACCESS,
    "attempted-admin": INITIAL_ACCESS,
    "web-application-attack": INITIAL_ACCESS,
    "exploit-kit": INITIAL_ACCESS,
    "unsuccessful-user": CREDENTIAL_ACCESS,
    "default-login-attempt": CREDENTIAL_ACCESS,
    "suspicious-login": CREDENTIAL_ACCESS,
    "credential-theft": CREDENTIAL_ACCESS,
    "trojan-activity": COMMAND_AND_CONTROL,
    "command-and-control": COMMAND_AND_CONTROL,
    "domain-c2": COMMAND_AND_CONTROL,
    "attempted-dos": IMPACT,
    "successful-dos": IMPACT,
    "denial-of-service": IMPACT,
}
_CODES = {
    "tactic": re.compile(r"TA\d{4}", re.ASCII),
    "technique": re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII),
}


def read_tactics(rule_text: str) -> list[Tactic]:
    """What the author names, each once; else what the class suggests; nothing for a text that is no rule."""
    try:
        rule = parse_rule(rule_text)
    except EngineError:
        return []
    named = _named(rule)
    suggested = _SUGGESTED.get(rule.classtype)
    return named or ([suggested] if suggested else [])


def _named(rule: Rule) -> list[Tactic]:
    found = []
    for kind, pattern in _CODES.items():
        codes = [value for key, value in rule.metadata if key == f"mitre_{kind}_id"]
        names = [value.replace("_", " ") for key, value in rule.metadata if key == f"mitre_{kind}_name"]
        for number, code in enumerate(dict.fromkeys(codes)):
            if pattern.fullmatch(code):
                found.append(Tactic(code, names[number] if number < len(names) else "", is_authors=True))
    return found
