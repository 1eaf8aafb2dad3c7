"""Where a rule stands in ATT&CK: as its author says, else as its class suggests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tests.views.conftest import client_of
from tickets.reports.rule_tactics import read_tactics

RULE = 'alert tcp any any -> any any (msg:"x"; sid:1; rev:3; {options})'


def read(options: str) -> list[tuple[str, str, bool]]:
    return [(each.code, each.name, each.is_authors) for each in read_tactics(RULE.format(options=options))]


@pytest.mark.parametrize(
    ("options", "tactics"),
    [
        ("classtype:attempted-recon;", [("TA0043", "Reconnaissance", False)]),
        ("classtype:trojan-activity;", [("TA0011", "Command and Control", False)]),
        ("classtype:misc-activity;", []),
        ("", []),
        (
            (
                "classtype:attempted-recon; metadata:mitre_tactic_id TA0001, mitre_tactic_name Initial_Access, "
                "mitre_technique_id T1190, mitre_technique_name Exploit_Public_Facing_Application;"
            ),
            [("TA0001", "Initial Access", True), ("T1190", "Exploit Public Facing Application", True)],
        ),
        ("metadata:mitre_technique_id T1021.001;", [("T1021.001", "", True)]),
        ("classtype:network-scan; metadata:mitre_tactic_id <script>;", [("TA0043", "Reconnaissance", False)]),
    ],
)
def test_the_author_decides_and_else_the_class(options: str, tactics: list[tuple[str, str, bool]]) -> None:
    assert read(options) == tactics


def test_a_text_that_is_no_rule_has_none() -> None:
    assert read_tactics("by hand") == []


@pytest.mark.django_db
def test_the_desk_says_whose_word_it_is_and_leads_to_known_causes_of_false_alarms() -> None:
    version = make.make_version(rule_text=RULE.format(options="classtype:attempted-recon;"))
    ticket = make.make_ticket(variant=make.make_variant(version))
    ana: Client = client_of(ticket.trainee)
    page = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert "TA0043" in page
    assert "class suggests" in page
    assert "/reference/#false-alarms" in page
    assert 'id="false-alarms"' in ana.get("/reference/").content.decode()
