"""Wrong ideas that need more than fields: translations, forwarded-for entries, time zones, what is spoken; and X01."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.grading.worlds import (
    OUTSIDER,
    SYN,
    WORKSTATION,
    codes,
    finding,
    make_verdict,
    mark,
    points,
)
from tickets.engine import (
    Claim,
    Endpoint,
    Location,
    Verdict,
)
from tickets.grading import (
    Answers,
    Criterion,
    Forwarding,
    Seen,
    Shown,
    Truth,
    build_key,
    find_foreign,
    model_answers,
    possible_misconceptions,
)

OUTSIDE = Endpoint("203.0.113.80", 443)
PUBLIC = Endpoint("192.0.2.1", 40_001)
PROXY = "10.20.0.8"
FAR = Location("firewall.log", 9)
HOUR_NS = 3_600_000_000_000


def model(verdict: Verdict) -> Answers:
    return model_answers(build_key(verdict))


def translated() -> Verdict:
    verdict = make_verdict(orig=WORKSTATION, resp=OUTSIDE)
    assert verdict.conversation is not None
    behind = replace(verdict.conversation, translated=((PUBLIC, OUTSIDE),))
    return replace(verdict, conversation=behind)


def test_m10_names_the_address_beyond_the_translation_and_keeps_half() -> None:
    answers = replace(model(translated()), originator_ip=PUBLIC.ip, originator_port=PUBLIC.port)
    grade = mark(answers, translated())
    assert codes(grade) == {"originator_ip": "M10", "originator_port": "M10"}
    assert points(grade)["originator_ip"] == points(grade)["originator_port"] == 2
    assert points(grade)["disposition"] == 15  # the same host: no luck, no cap
    assert "seen from the wrong side" in grade.criteria[1].explanation


def test_another_wrong_address_is_no_m10_and_no_translation_gives_no_occasion() -> None:
    assert codes(mark(replace(model(translated()), originator_ip="192.0.2.2"), translated())) == {}
    plain = make_verdict(orig=WORKSTATION, resp=OUTSIDE)
    assert "M10" not in possible_misconceptions(Truth(build_key(plain), plain))


def test_m11_names_the_proxy_whose_own_record_names_the_client() -> None:
    verdict = make_verdict(orig=WORKSTATION, resp=OUTSIDE)
    answers = replace(model(verdict), originator_ip=PROXY)
    shown = Shown(forwarded=frozenset({Forwarding(PROXY, WORKSTATION.ip)}))
    assert codes(mark(answers, verdict, shown=shown)) == {"originator_ip": "M11"}
    somebody_else = Shown(forwarded=frozenset({Forwarding(PROXY, "10.20.30.99")}))
    assert codes(mark(answers, verdict, shown=somebody_else)) == {}


@pytest.mark.parametrize(
    ("away_ns", "code"), [(2 * HOUR_NS, "M16"), (HOUR_NS, "M16"), (HOUR_NS * 3 // 2, "M18"), (5, "M18")]
)
def test_m16_pins_a_record_that_lies_whole_hours_away(away_ns: int, code: str) -> None:
    verdict = make_verdict()
    shown = Shown(records={FAR: Seen(away_ns, frozenset({OUTSIDER.ip}))})
    answers = replace(model(verdict), evidence=(FAR,))
    assert codes(mark(answers, verdict, shown=shown)) == {"evidence": code}


def test_m16_is_not_told_of_records_of_other_hosts_nor_where_the_pins_prove_all() -> None:
    verdict = make_verdict()
    other = Shown(records={FAR: Seen(2 * HOUR_NS, frozenset({"192.0.2.77"}))})
    assert codes(mark(replace(model(verdict), evidence=(FAR,)), verdict, shown=other)) == {"evidence": "M18"}
    ours = Shown(records={FAR: Seen(2 * HOUR_NS, frozenset({OUTSIDER.ip}))})
    proved = replace(model(verdict), evidence=(*model(verdict).evidence, FAR))
    assert codes(mark(proved, verdict, shown=ours)) == {}


def ssh_on_443() -> Verdict:
    verdict = make_verdict(orig=WORKSTATION, resp=OUTSIDE)
    return replace(
        verdict, findings=(*verdict.findings, finding("service.application", Claim.SERVICE, "ssh", SYN))
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("HTTPS over TCP", {"text_supporting_evidence": "M17"}),
        ("TLS over TCP", {"text_supporting_evidence": "M17"}),
        ("SSH over TCP", {}),
        ("SSH over TCP on the port of HTTPS", {}),
        ("TCP", {}),
    ],
)
def test_m17_reads_the_service_off_the_port(said: str, told: dict[str, str]) -> None:
    verdict = ssh_on_443()
    text = f"{WORKSTATION} connected to {OUTSIDE} by {said}, and it was established (capture.pcap:1)."
    texts = {**model(verdict).texts, "supporting_evidence": text}
    grade = mark(replace(model(verdict), texts=texts), verdict)
    assert codes(grade) == told
    assert (grade.points < grade.max_points) == bool(told)


def test_a_port_that_says_what_is_spoken_gives_no_occasion_for_m17() -> None:
    verdict = make_verdict(orig=WORKSTATION, resp=OUTSIDE)
    tls = replace(
        verdict, findings=(*verdict.findings, finding("service.application", Claim.SERVICE, "ssl", SYN))
    )
    assert "M17" not in possible_misconceptions(Truth(build_key(tls), tls))
    assert "M17" in possible_misconceptions(Truth(build_key(ssh_on_443()), ssh_on_443()))


# X01


MINE = {
    Criterion.ORIGINATOR_IP: "10.20.30.40",
    Criterion.ORIGINATOR_PORT: "50123",
    Criterion.RESPONDER_IP: "203.0.113.80",
    Criterion.RESPONDER_PORT: "443",
}


def others_truth(port: str = "51999", ip: str = "10.20.30.77") -> dict[Criterion, str]:
    return {**MINE, Criterion.ORIGINATOR_IP: ip, Criterion.ORIGINATOR_PORT: port}


def test_x01_finds_the_variant_whose_truth_was_written_here() -> None:
    found = find_foreign(
        others_truth(), MINE, frozenset(), [others_truth("50000", "10.20.30.60"), others_truth()]
    )
    assert found is not None
    assert (found.other, found.criteria) == (1, ("originator_ip", "originator_port"))
    assert found.chance == pytest.approx((2 / 65_536) * (2 / 64_512))


def test_x01_says_nothing_of_what_is_right_blank_not_marked_or_in_the_own_evidence() -> None:
    assert find_foreign(MINE, MINE, frozenset(), [others_truth()]) is None
    assert find_foreign({}, MINE, frozenset(), [others_truth()]) is None
    copied = {**MINE, Criterion.ORIGINATOR_IP: "10.20.30.77"}
    assert find_foreign(copied, MINE, frozenset({"10.20.30.77"}), [others_truth()]) is None
    assert find_foreign(copied, MINE, frozenset(), []) is None
    assert find_foreign(copied, {Criterion.OUTCOME: "refused"}, frozenset(), [others_truth()]) is None
