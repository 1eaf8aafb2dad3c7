"""The seventeen skills of the trainer: the one place that names them, and what gives evidence of each.

The statements are those of the NICE Framework (NIST SP 800-181 rev. 1) for the work role PD-WRL-001,
Defensive Cybersecurity; their identifiers are NICE's, the texts are shortened in places. Which statement
fits which skill is our judgement, and two skills have none that fits.

A skill is named here beside the method and not with the measures: scenarios name skills as well as
reports do, and neither knows the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One task (T), skill (S) or knowledge (K) statement of NICE."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """`criteria` are the lines of the rubric that give evidence of it (its primary ones only: a secondary
    one would count one answer for two skills). With `lessons` or `families` it is met only there, unless the
    scenario names its skills itself; a lesson is named by its number, as in "L5"."""

    code: str
    name: str
    short: str
    nice: tuple[Statement, ...]
    criteria: tuple[str, ...]
    lessons: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    def is_met_in(self, family: str, lesson: str) -> bool:
        """Does a scenario that names no skills of its own, of this family and lesson, give evidence of it?"""
        if not self.lessons and not self.families:
            return True
        return family in self.families or lesson.partition(" ")[0] in self.lessons


SKILLS: tuple[Skill, ...] = (
    Skill(
        code="S01",
        name="Read what an alert claims",
        short="Read the claim",
        nice=(
            Statement("S0627", "Reading signatures"),
            Statement("T1112", "Validate network alerts"),
        ),
        # Whether the traffic is what the rule expects is the part of the claim that is marked.
        criteria=("intent",),
    ),
    Skill(
        code="S02",
        name="Establish who opened the connection",
        short="Who opened it",
        nice=(
            Statement("S0875", "Network traffic packet analysis"),
            Statement("S0872", "Network data flow analysis"),
        ),
        criteria=("reversed",),
    ),
    Skill(
        code="S03",
        name="Recognise a reversed alert among its look-alikes",
        short="See a reversal",
        nice=(
            Statement("T1387", "Validate intrusion detection system alerts"),
            Statement("T1299", "Determine causes of network alerts"),
        ),
        criteria=("reversed",),
        # Where reversed alerts and alerts that only look so stand side by side.
        lessons=("L1", "L3", "L5", "L6"),
    ),
    Skill(
        code="S04",
        name="Name the true source",
        short="True source",
        nice=(
            Statement("T1299", "Determine causes of network alerts"),
            Statement("S0866", "Log file analysis"),
        ),
        criteria=("originator_ip",),
    ),
    Skill(
        code="S05",
        name="Name the destination and the service port",
        short="Service port",
        nice=(
            Statement("K0861", "Network port capabilities"),
            Statement("T1390", "Identify network device applications and operating systems"),
        ),
        criteria=("responder_ip", "responder_port"),
    ),
    Skill(
        code="S06",
        name="Identify the protocol from the records",
        short="Protocol",
        nice=(
            Statement("S0874", "Network traffic analysis"),
            Statement("K0674", "Computer networking protocols"),
        ),
        criteria=("protocol",),
    ),
    Skill(
        code="S07",
        name="Judge whether the connection succeeded",
        short="Did it succeed",
        nice=(
            Statement("T1254", "Determine the effectiveness of an observed attack"),
            Statement("S0156", "Packet-level analysis"),
        ),
        criteria=("outcome",),
    ),
    Skill(
        code="S08",
        name="Read what a control decided",
        short="Control verdicts",
        nice=(
            Statement("K0878", "Network firewall principles and practices"),
            Statement("S0667", "Assessing security controls"),
        ),
        criteria=("outcome",),
        families=(
            *("T004", "T010", "T017", "T018", "T019", "T020", "T021", "T022", "T023", "T024"),
            *("T050", "T062", "T067", "T069", "T096", "T107", "T108"),
        ),
    ),
    Skill(
        code="S09",
        name="See through translation, proxy and balancer",
        short="NAT and proxy",
        nice=(
            Statement("S0859", "Event correlation"),
            Statement("K0792", "Network configurations"),
        ),
        criteria=("originator_ip",),
        families=("T051", "T053", "T054", "T055", "T056", "T057", "T061", "T063", "T064"),
    ),
    Skill(
        code="S10",
        name="Correlate sources by endpoints and time",
        short="Correlate logs",
        nice=(
            Statement("S0859", "Event correlation"),
            Statement("K1144", "Data correlation tools and techniques"),
        ),
        criteria=("evidence",),
        lessons=("L4", "L5"),
    ),
    Skill(
        code="S11",
        name="Allow for time zones and wrong clocks",
        short="Clocks",
        nice=(),
        criteria=("evidence",),
        families=("T066",),
    ),
    Skill(
        code="S12",
        name="Weigh gaps in the records, and say when they decide nothing",
        short="Weigh gaps",
        nice=(Statement("S0712", "Evaluating data source quality"),),
        criteria=("reversed", "outcome"),
        families=("T034", "T046", "T047", "T048", "T049", "T065", "T090", "T092"),
    ),
    Skill(
        code="S13",
        name="Tell attack from harmless",
        short="Attack or harmless",
        nice=(
            Statement(
                "T1348",
                "Distinguish between benign and potentially malicious cybersecurity attacks and intrusions",
            ),
        ),
        criteria=("disposition",),
    ),
    Skill(
        code="S14",
        name="Tell a failed attack from a false positive",
        short="Failed or false",
        nice=(
            Statement("T1254", "Determine the effectiveness of an observed attack"),
            Statement(
                "T1348",
                "Distinguish between benign and potentially malicious cybersecurity attacks and intrusions",
            ),
        ),
        criteria=("disposition",),
        # Where attempts that failed stand beside those that did not.
        lessons=("L2", "L6", "L7"),
    ),
    Skill(
        code="S15",
        name="Judge the impact, and escalate what needs it",
        short="Impact",
        nice=(
            Statement("T1242", "Escalate incidents that may cause ongoing and immediate impact"),
            Statement("T1351", "Determine impact of malicious activity on systems and information"),
        ),
        # The reason code says what was reached, and so what has to follow.
        criteria=("reason_code",),
    ),
    Skill(
        code="S16",
        name="Document with evidence",
        short="Cite records",
        nice=(
            Statement("T1241", "Document cybersecurity incidents"),
            Statement("T1349", "Communicate network alerts to those who act on them"),
        ),
        criteria=("evidence",),
    ),
    Skill(
        code="S17",
        name="Be right when sure",
        short="Right when sure",
        nice=(),
        # Only a disposition given as more than 80 % sure counts: see `tickets.measures.skill_evidence`.
        criteria=("disposition",),
    ),
)
BY_CODE: Mapping[str, Skill] = {skill.code: skill for skill in SKILLS}

# Answered by everybody's confidence, not by one line of the rubric.
CONFIDENCE_SKILL = "S17"


def skills_met(family: str, lesson: str, named: Collection[str] = ()) -> tuple[Skill, ...]:
    """The skills of which a ticket of this scenario gives evidence: those that it names, else by family and lesson."""
    if named:
        return tuple(skill for skill in SKILLS if skill.code in named)
    return tuple(skill for skill in SKILLS if skill.is_met_in(family, lesson))
