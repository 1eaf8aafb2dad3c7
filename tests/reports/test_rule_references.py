"""Links out of a rule's text, which anybody may have written."""

from __future__ import annotations

import pytest

from tickets.engine import explain_rule
from tickets.reports.rule_references import link_of


@pytest.mark.parametrize(
    ("part", "link"),
    [
        ("reference:url,www.rfc-editor.org/rfc/rfc9293", "http://www.rfc-editor.org/rfc/rfc9293"),
        ("reference: url, https://attack.mitre.org/techniques/T1046/", "https://attack.mitre.org/techniques/T1046/"),
        ("reference:cve,2021-44228", "https://www.cve.org/CVERecord?id=CVE-2021-44228"),
        ("reference:CVE,cve-2021-44228;", "https://www.cve.org/CVERecord?id=CVE-2021-44228"),
    ],
)  # fmt: skip
def test_what_leads_somewhere_is_a_link(part: str, link: str) -> None:
    assert link_of(part) == link


@pytest.mark.parametrize(
    "value",
    [
        *("javascript:alert(1)", "javascript://www.rfc-editor.org/%0aalert(1)", "data:text/html,x", "file:///etc"),
        *("somebody@www.rfc-editor.org/", "www.rfc-editor.org:8080/", "127.0.0.1/", "[2001:db8::1]/", "intranet/"),
        *("www.rfc-editor.org\\@other.host/", 'www.rfc-editor.org/"onclick', "www.rfc-editor.org/ x", "\u202ewww.a.de"),
        *("www.example.org/notes", "siem.test/", "//www.rfc-editor.org/", "http:///x", "www.a.de:99999/", ""),
    ],
)  # fmt: skip
def test_any_other_address_stays_text(value: str) -> None:
    assert link_of(f"reference:url,{value}") == ""


@pytest.mark.parametrize(
    "part", ["reference:bugtraq,123", "reference:cve,1", "reference:url", 'msg:"url,www.a.de"', ""]
)
def test_other_parts_of_a_rule_are_no_links(part: str) -> None:
    assert link_of(part) == ""


def test_the_part_of_a_rule_that_is_explained_is_the_one_that_is_linked() -> None:
    rule = (
        'alert tcp any any -> any 80 (msg:"x"; reference:url,www.rfc-editor.org/rfc/rfc9293; sid:1; rev:1;)'
    )
    assert [link for part in explain_rule(rule) if (link := link_of(part.text))] == [
        "http://www.rfc-editor.org/rfc/rfc9293"
    ]
