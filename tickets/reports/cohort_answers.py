"""What a cohort answered: which field they miss, which wrong ideas they show, which dispositions they mix up.

A field for which help was had, a hint or a step that was checked, says what the help did rather than what the trainee can.
Such answers are counted apart (`helped`), and stand in no share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet

from tickets.grading import BY_CODE
from tickets.measures import (
    DISPOSITIONS,
    Exposure,
    Share,
    measure_clustered_share,
    measure_confusion,
    measure_misconceptions,
    measure_share,
)
from tickets.models import CriterionResult, Grade, Ticket


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a figure: a share with its interval, and the query of the worksheets behind it.

    `share.n` counts answers without help, or trainees where `tickets` says on how many worksheets it was seen. `helped` is
    the same of what was answered with help, and `helped_query` lists that."""

    key: str
    label: str
    share: Share
    trainees: int
    query: str
    helped: Share
    helped_query: str
    tickets: int = 0

    @property
    def missed(self) -> int:
        return self.share.n - self.share.k

    @property
    def helped_missed(self) -> int:
        return self.helped.n - self.helped.k


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    chosen: str
    count: int
    shade: int  # 0 to 5, by the share of the row
    is_right: bool
    query: str


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    truth: str
    n: int
    cells: tuple[ConfusionCell, ...]

    @property
    def truth_label(self) -> str:
        return self.truth.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion of one graded first attempt; `assisted` are the criteria of its grade for which help was had."""

    trainee_id: UUID
    ticket_id: UUID
    criterion: str
    label: str
    result: str
    given: str
    expected: str
    assisted: Collection[str] | None

    @property
    def is_helped(self) -> bool:
        return was_helped(self.criterion, self.assisted)


def was_helped(line: str, assisted: Collection[str] | None) -> bool:
    """Was help had for this criterion? A grade from before there was help names none."""
    return line in (assisted or ())


def idea_was_helped(code: str, assisted: Collection[str] | None) -> bool:
    """Was help had for a field in which this wrong idea shows?"""
    idea = BY_CODE.get(code)
    return idea is not None and any(was_helped(line.value, assisted) for line in idea.criteria)


def read_answers(tickets: QuerySet[Ticket]) -> Iterable[Answer]:
    """Every marked line of these tickets' grades, in the order of the worksheet."""
    rows = (
        CriterionResult.objects.filter(
            grade__is_current=True, grade__submission__ticket__in=tickets.order_by().values("pk")
        )
        .order_by("position")
        .values_list(
            "grade__submission__ticket__trainee_id",
            "grade__submission__ticket_id",
            "criterion",
            "label",
            "result",
            "given",
            "expected",
            "grade__lesson__assisted",
        )
    )
    return (Answer(*row) for row in rows.iterator())


def measure_fields(answers: Sequence[Answer]) -> tuple[Figure, ...]:
    """Share fully right for each field, in the order of the worksheet."""
    by_field: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_field[answer.criterion].append(answer)
    return tuple(_field(field, all_) for field, all_ in by_field.items())


def _field(field: str, answers: Sequence[Answer]) -> Figure:
    alone = [answer for answer in answers if not answer.is_helped]
    return Figure(
        key=field,
        label=answers[0].label,
        share=_share_right(alone),
        trainees=len({answer.trainee_id for answer in alone}),
        query=urlencode({"criterion": field, "missed": "1", "help": "none"}),
        helped=_share_right([answer for answer in answers if answer.is_helped]),
        helped_query=urlencode({"criterion": field, "missed": "1", "help": "had"}),
    )


def _share_right(answers: Iterable[Answer]) -> Share:
    clusters: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for answer in answers:
        clusters[answer.trainee_id][0] += answer.result == CriterionResult.Result.CORRECT
        clusters[answer.trainee_id][1] += 1
    return measure_clustered_share((k, n) for k, n in clusters.values())


def measure_ideas(tickets: QuerySet[Ticket]) -> tuple[Figure, ...]:
    """Wrong ideas that somebody showed: trainees who did, of those whose tickets could show it; most first."""
    rows = Grade.objects.filter(
        is_current=True, submission__ticket__in=tickets.order_by().values("pk")
    ).values_list(
        "submission__ticket__trainee_id",
        "lesson__exposed",
        "lesson__misconceptions",
        "lesson__assisted",
    )
    alone: list[Exposure] = []
    helped: list[Exposure] = []
    for trainee, exposed, ideas, assisted in rows.iterator():
        possible, shown = exposed or (), [idea["code"] for idea in ideas or ()]
        for exposures, with_help in ((alone, False), (helped, True)):
            exposures.append(
                Exposure(
                    trainee,
                    [code for code in possible if idea_was_helped(code, assisted) is with_help],
                    [code for code in shown if idea_was_helped(code, assisted) is with_help],
                )
            )
    with_help_by_code = {rate.code: rate.trainees for rate in measure_misconceptions(helped)}
    rates = {rate.code: rate for rate in measure_misconceptions(alone)}
    nobody = measure_share(0, 0)
    codes = [code for code, rate in rates.items() if rate.tickets]
    codes += [code for code, share in with_help_by_code.items() if share.k and code not in codes]
    return tuple(
        Figure(
            key=code,
            label=BY_CODE[code].name if code in BY_CODE else code,
            share=rates[code].trainees if code in rates else nobody,
            trainees=rates[code].trainees.n if code in rates else 0,
            query=urlencode({"misconception": code, "help": "none"}),
            helped=with_help_by_code.get(code, nobody),
            helped_query=urlencode({"misconception": code, "help": "had"}),
            tickets=rates[code].tickets if code in rates else 0,
        )
        for code in codes
    )


def measure_dispositions(answers: Sequence[Answer]) -> tuple[ConfusionRow, ...]:
    """Truth by choice, with help or without. A worksheet without a disposition counts in its row's n only."""
    confusion = measure_confusion(
        (answer.expected, answer.given) for answer in answers if answer.criterion == "disposition"
    )
    return tuple(
        ConfusionRow(
            truth=truth,
            n=confusion.row_total(truth),
            cells=tuple(
                ConfusionCell(
                    chosen=chosen,
                    count=confusion.counts[truth, chosen],
                    shade=_shade(confusion.counts[truth, chosen], confusion.row_total(truth)),
                    is_right=chosen == truth,
                    query=urlencode({"criterion": "disposition", "truth": truth, "chosen": chosen}),
                )
                for chosen in DISPOSITIONS
            ),
        )
        for truth in DISPOSITIONS
    )


def _shade(count: int, n: int) -> int:
    return 0 if not count else min(5, 1 + int(4 * count / n))
