"""A graded worksheet as its result page draws it. Everything comes from the frozen grade, nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from tickets.engine import ReasonCode
from tickets.grading import WORDS
from tickets.models import CriterionResult, Grade, GradeJob, Submission, Variant
from tickets.reports.rows import Row, find_records, first_packet_ns, row_of

# How many records stand in "The record that decides".
MAX_PROOFS = 6
# How the lines of the five texts are called.
TEXT = "text_"


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion. Lines of a group stand together: the root first, then what followed from it."""

    result: CriterionResult
    is_grouped: bool

    @property
    def is_follower(self) -> bool:
        return bool(self.result.follows)

    @property
    def is_text(self) -> bool:
        return self.result.criterion.startswith(TEXT)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that one idea cost, or a single line; `points` of `max_points` were earned."""

    lines: list[Line]
    points: Decimal
    max_points: Decimal

    @property
    def is_bracket(self) -> bool:
        return len(self.lines) > 1

    @property
    def lost(self) -> Decimal:
        return self.max_points - self.points


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """One row of the strip: `way` is `to`, `back` or `none` between the alert's posts."""

    whose: str
    way: str
    tail: str
    head: str

    @property
    def text(self) -> str:
        if not self.tail and not self.head:
            return gettext("not said") if self.whose == "yours" else gettext("cannot be known")
        return gettext("%(tail)s to %(head)s") % {
            "tail": self.tail or gettext("not said"),
            "head": self.head or gettext("not said"),
        }


@dataclass(frozen=True, slots=True)
class Strip:
    posts: tuple[str, str]
    alert: DrawnArrow
    yours: DrawnArrow
    truth: DrawnArrow
    sentence: str
    place: str

    @property
    def is_right(self) -> bool:
        return self.yours.way == self.truth.way != "none"


@dataclass(frozen=True, slots=True)
class Proof:
    """The record that decides a claim, named in words, and what it says."""

    claim: str
    place: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReadText:
    """What the machine read of one step, and what it gave."""

    line: CriterionResult | None
    reading: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProductWords:
    """How a product calls what the trainee said, and what is right."""

    name: str
    given: str
    expected: str


@dataclass(frozen=True, slots=True)
class Result:
    grade: Grade
    groups: list[Group]
    right: int
    count: int
    strip: Strip | None
    proofs: list[Row]
    proof: Proof | None
    misconceptions: list[dict[str, Any]]
    unmarked: list[dict[str, Any]]
    texts: dict[str, ReadText]
    words: list[ProductWords]
    # Marks, truth and wrong ideas are always told; the reasons and their records once the lesson is open.
    is_open: bool
    # Where help cost marks, and the lines on which there was any.
    helped: list[dict[str, Any]]
    assisted: list[str]

    @property
    def headline(self) -> str:
        if self.grade.points == self.grade.max_points:
            return gettext("Every field and every text is right.")
        bracket = next((group for group in self.groups if group.is_bracket), None)
        if bracket is not None:
            return gettext("One idea cost you the direction. It is counted once, not in every field.")
        return gettext("%(right)s of %(count)s fields are right.") % {
            "right": self.right,
            "count": self.count,
        }

    @property
    def remark(self) -> str:
        """What the stated confidence says about the first wrong field."""
        sure = self.grade.lesson.get("confidence")
        is_wrong = any(line.result.result != "correct" for group in self.groups for line in group.lines)
        if sure == 3 and is_wrong:
            return gettext(
                "You were more than 80 % sure of it: look at the first wrong field before the others."
            )
        if sure == 1 and not is_wrong:
            return gettext(
                "You were less than 67 % sure. Your reading of the records was better than you thought."
            )
        return ""


def current_grade(submission: Submission) -> Grade | None:
    grades = submission.grades.filter(is_current=True).prefetch_related("criteria")
    return grades.first()


def has_given_up(submission: Submission) -> bool:
    """Has the last job for this submission failed for good?"""
    newest = submission.jobs.order_by("-created_at").first()
    return newest is not None and newest.state == GradeJob.State.DEAD


def read_result(
    grade: Grade, variant: Variant, *, is_open: bool = True, proof: Proof | None = None
) -> Result:
    """The result page of a grade, with the evidence rows that its explanations cite. `proof` is that of the claim that
    was asked for; without it the direction's stands. While the lesson is not open, no record that decides is in it, and
    no sentence that tells one."""
    criteria = list(grade.criteria.all())
    strip = read_strip(grade)
    texts = read_texts(grade)
    if not is_open:
        criteria = [_without_reasons(line) for line in criteria]
        strip = strip and replace(strip, sentence="", place="")
        texts = {}
    if proof is None and strip is not None:
        proof = Proof(gettext("who opened it"), strip.place, strip.sentence)
    decides = proof.place if proof else ""
    first_ns = first_packet_ns(variant)
    cited = [decides, *_cited(criteria)] if decides else _cited(criteria)
    records = find_records(variant, cited[: MAX_PROOFS * 2])[:MAX_PROOFS]
    return Result(
        grade=grade,
        groups=list(_group(criteria)),
        right=sum(criterion.result == CriterionResult.Result.CORRECT for criterion in _fields(criteria)),
        count=len(_fields(criteria)),
        strip=strip,
        proofs=[row_of(record, variant, first_ns=first_ns) for record in records],
        proof=proof,
        misconceptions=list(grade.lesson.get("misconceptions") or []),
        unmarked=list(grade.lesson.get("unmarked") or []),
        texts=texts,
        words=list(_read_words(criteria)),
        is_open=is_open,
        helped=list(grade.lesson.get("helped") or []),
        assisted=list(grade.lesson.get("assisted") or []),
    )


def _without_reasons(line: CriterionResult) -> CriterionResult:
    """The line to be shown; it is never stored."""
    line.explanation = line.rule = line.next_time = ""
    line.records = []
    if line.criterion == "evidence":
        line.expected = ""  # the names of the records
    return line


def _fields(criteria: list[CriterionResult]) -> list[CriterionResult]:
    return [criterion for criterion in criteria if not criterion.criterion.startswith(TEXT)]


def read_texts(grade: Grade) -> dict[str, ReadText]:
    """By step. A grade from before texts were read has none."""
    lines = {line.criterion: line for line in grade.criteria.all()}
    readings = grade.lesson.get("texts") or []
    return {str(r["step"]): ReadText(lines.get(f"{TEXT}{r['step']}"), r) for r in readings}


def _read_words(criteria: list[CriterionResult]) -> Iterator[ProductWords]:
    """Nothing where the reason code is not marked: a word for the disposition alone would be a guess."""
    line = next((criterion for criterion in criteria if criterion.criterion == "reason_code"), None)
    if line is None or line.expected not in ReasonCode.__members__:
        return
    for words in WORDS.values():
        given = words.closing[ReasonCode(line.given)] if line.given in ReasonCode.__members__ else ""
        yield ProductWords(words.name, given, words.closing[ReasonCode(line.expected)])


def result_to_plain(grade: Grade, *, is_open: bool = True) -> dict[str, object]:
    """The grade as other tools read it: without its reasons and their records while the lesson is not open."""
    criteria = list(grade.criteria.all())
    if not is_open:
        criteria = [_without_reasons(line) for line in criteria]
    told = {line["criterion"]: line["told"] for line in grade.lesson.get("helped") or ()}
    return {
        "points": _number(grade.points),
        "max_points": _number(grade.max_points),
        "criteria": [
            {
                "criterion": criterion.criterion,
                "given": criterion.given,
                "expected": criterion.expected,
                "points": _number(criterion.points),
                "max_points": _number(criterion.max_points),
                "misconception": criterion.misconception,
                "explanation": f"{criterion.explanation} {told.get(criterion.criterion, '')}".strip(),
                "records": list(criterion.records),
            }
            for criterion in criteria
        ],
    }


def _number(points: Decimal) -> float:
    return float(points)


def _cited(criteria: list[CriterionResult]) -> list[str]:
    return list(dict.fromkeys(place for criterion in criteria for place in criterion.records))


def _group(criteria: list[CriterionResult]) -> Iterator[Group]:
    """Each root with its followers after it, in the rubric's order; the rest by themselves."""
    followers: dict[str, list[CriterionResult]] = {}
    for criterion in criteria:
        if criterion.follows:
            followers.setdefault(criterion.follows, []).append(criterion)
    for criterion in criteria:
        if criterion.follows:
            continue
        together = [criterion, *followers.get(criterion.criterion, [])]
        yield Group(
            lines=[Line(member, len(together) > 1) for member in together],
            points=sum((member.points for member in together), Decimal()),
            max_points=sum((member.max_points for member in together), Decimal()),
        )


def read_strip(grade: Grade) -> Strip | None:
    strip: Mapping[str, Any] | None = grade.lesson.get("strip")
    if not strip:
        return None
    posts = (str(strip["alert"]["tail"]), str(strip["alert"]["head"]))
    return Strip(
        posts=posts,
        alert=_arrow("claim", strip["alert"], posts),
        yours=_arrow("yours", strip["trainee"], posts),
        truth=_arrow("truth", strip["truth"] or {}, posts),
        sentence=str(strip["sentence"] or ""),
        place=str(strip["record"] or ""),
    )


def _arrow(whose: str, ends: Mapping[str, Any], posts: tuple[str, str]) -> DrawnArrow:
    tail, head = str(ends.get("tail") or ""), str(ends.get("head") or "")
    return DrawnArrow(whose, _way((tail, head), posts), tail, head)


def _way(ends: tuple[str, str], posts: tuple[str, str]) -> str:
    """Whole endpoints decide; an address alone does where the posts' addresses differ."""
    if ends == posts:
        return "to"
    if ends == posts[::-1]:
        return "back"
    addresses = tuple(_address(end) for end in ends)
    sides = tuple(_address(post) for post in posts)
    if sides[0] == sides[1]:
        return "none"
    return {sides: "to", sides[::-1]: "back"}.get(addresses, "none")


def _address(endpoint: str) -> str:
    if endpoint.startswith("["):
        return endpoint[1:].partition("]")[0]
    return endpoint if endpoint.count(":") > 1 else endpoint.partition(":")[0]
