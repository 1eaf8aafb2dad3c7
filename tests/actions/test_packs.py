"""A scenario file with evidence of its own beside it: judged before it is taken, and given as it stands."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories as make
from tests.packs.test_scenario import EXAMPLE, ROOT
from tickets.actions.packs import PackRefusedError, import_pack
from tickets.engine import EvidenceFile
from tickets.models import Scenario, ScenarioVersion, User
from tickets.models.truth import VariantHints
from tickets.reports.packs import export_pack
from tickets.tasks.variants import can_generate

pytestmark = pytest.mark.django_db


def with_evidence() -> str:
    """The example of the documentation around the capture of the seed ticket."""
    start, end = EXAMPLE.index("network:"), EXAMPLE.index("statement:")
    return (
        (EXAMPLE[:start] + EXAMPLE[end:])
        .replace(
            "story: web_return",
            'evidence: [edge.pcap]\nalert: "tcp 203.0.113.80:80 -> 10.20.30.40:3932"',
        )
        .replace("{home_net}", "10.20.0.0/16")
        .replace("{client_ip}", "10.20.30.40")
        .replace("{server_ip}", "203.0.113.80")
        .replace("{client_name}", "WS-040")
        .replace("{sensor_name}", "ids-inside")
    )


PACK = with_evidence()
SHIPPED = (ROOT / "fixtures" / "scenarios" / "T011.yaml").read_text(encoding="utf-8")
CAPTURE = EvidenceFile("edge.pcap", make.make_capture())


def told(text: str, *files: EvidenceFile) -> list[str]:
    with pytest.raises(PackRefusedError) as refused:
        import_pack("mine.yaml", text, make.make_instructor("ivo"), files)
    return [str(flaw) for flaw in refused.value.flaws]


def line_of(text: str) -> int:
    return PACK.partition(text)[0].count("\n") + 1


@pytest.fixture
def ivo() -> User:
    return make.make_instructor("ivo")


def test_the_evidence_becomes_the_one_variant_of_its_version(ivo: User) -> None:
    version = import_pack("mine.yaml", PACK, ivo, [CAPTURE])
    variant = version.variants.get()
    assert (variant.state, variant.alert_line) == ("passed", "tcp 203.0.113.80:80 -> 10.20.30.40:3932")
    assert list(variant.bundle.files.values_list("name", flat=True)) == ["edge.pcap", "context"]
    assert VariantHints.objects.get(variant=variant).where == "Look at the two ports of the alert."
    assert not can_generate(version)


def test_what_is_exported_is_the_file_and_its_evidence_to_the_byte(ivo: User) -> None:
    version = import_pack("mine.yaml", PACK, ivo, [CAPTURE])
    exported = export_pack(version, "mine.yaml")
    assert exported is not None
    with zipfile.ZipFile(io.BytesIO(exported.data)) as archive:
        text, capture = archive.read("mine.yaml"), archive.read("edge.pcap")
    assert (text.decode(), capture) == (PACK, CAPTURE.data)
    assert import_pack("mine.yaml", text.decode(), ivo, [EvidenceFile("edge.pcap", capture)]) == version


def test_other_evidence_under_the_same_text_is_a_new_version(ivo: User) -> None:
    first = import_pack("mine.yaml", PACK, ivo, [CAPTURE])
    longer = EvidenceFile("edge.pcap", CAPTURE.data + CAPTURE.data[24:40])
    second = import_pack("mine.yaml", PACK, ivo, [longer])
    assert (first.number, second.number) == (1, 2)
    assert second.variants.count() == 1


def test_evidence_that_is_not_there_is_told_and_nothing_is_stored() -> None:
    assert told(PACK) == [
        f"mine.yaml:{line_of('evidence:')}: evidence.1: There is no file 'edge.pcap' beside this one."
    ]
    assert not Scenario.objects.exists()


def test_evidence_that_shows_something_else_than_the_author_expects_is_told() -> None:
    text = PACK.replace("reason_code: FP1\n", "reason_code: TP1\n")
    [flaw] = told(text, CAPTURE)
    assert "reason code is TP1 in the scenario file and FP1 in the engine's verdict" in flaw
    assert not ScenarioVersion.objects.exists()


def test_evidence_of_no_kind_that_is_known_is_told() -> None:
    [flaw] = told(PACK, EvidenceFile("edge.pcap", b"\x00\x01\x02"))
    assert flaw.startswith(f"mine.yaml:{line_of('evidence:')}: evidence: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "evidence: [edge.pcap]",
            "evidence: [edge.pcap]\nstory: web_return",
            "a story or evidence, and not both",
        ),
        ("alert: ", "sensors: [pcap]\nalert: ", "sensors: Only a story uses this."),
        ("[edge.pcap]", "[edge.pcap, edge.pcap]", "evidence.2: This file stands here a second time."),
        ("[edge.pcap]", "[../edge.pcap]", "'../edge.pcap' is not the name of a file beside this one."),
        ("of WS-040", "of {client_name}", "statement: No story fills {client_name} in."),
    ],
)
def test_what_does_not_go_with_evidence_is_told(old: str, new: str, said: str) -> None:
    assert old in PACK
    assert any(said in flaw for flaw in told(PACK.replace(old, new), CAPTURE))


COMMENTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    comments=st.lists(COMMENTS, max_size=4),
    end=st.sampled_from(["\n", "\r\n"]),
    after=st.sampled_from(["", "\n\n"]),
)
def test_whatever_stands_around_the_keys_comes_out_as_it_came_in(
    ivo: User, comments: list[str], end: str, after: str
) -> None:
    lines = [*(f"# {comment}" for comment in comments), *SHIPPED.splitlines()]
    text = end.join(lines) + after
    version = import_pack("mine.yaml", text, ivo)
    exported = export_pack(version, "mine.yaml")
    assert exported is not None
    assert exported.data == text.encode()
    assert import_pack("mine.yaml", exported.data.decode(), ivo) == version
