"""Facility, confusion and wrong ideas over a small cohort."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tickets.measures import (
    BLANK,
    Display,
    Exposure,
    Observation,
    measure_confusion,
    measure_facility,
    measure_misconceptions,
    wilson,
)


def observe(criterion: str, points: str, max_points: str) -> Observation:
    return Observation(criterion, points == max_points, Decimal(points), Decimal(max_points))


def test_facility_counts_full_marks_and_weighs_points() -> None:
    reversed_, outcome = measure_facility(
        [
            observe("reversed", "2.00", "2.00"),
            observe("outcome", "0.00", "2.00"),
            observe("reversed", "0.00", "2.00"),
            observe("reversed", "1.00", "2.00"),
        ]
    )
    assert (reversed_.criterion, outcome.criterion) == ("reversed", "outcome")
    assert (reversed_.right.k, reversed_.right.n) == (1, 3)
    assert (reversed_.right.low, reversed_.right.high) == wilson(1, 3)
    assert reversed_.index == 0.5
    assert outcome.index == 0
    assert outcome.right.display is Display.COUNTS


def test_no_grades_give_no_facility_and_no_points_no_index() -> None:
    assert measure_facility([]) == ()
    (only,) = measure_facility([observe("intent", "0", "0")])
    assert only.index is None


def test_the_confusion_matrix_has_every_cell_and_totals_that_agree() -> None:
    confusion = measure_confusion(
        [
            ("benign", "benign"),
            ("benign", "true_positive"),
            ("benign", "true_positive"),
            ("false_positive", BLANK),
        ]
    )
    assert confusion.counts["benign", "true_positive"] == 2
    assert confusion.counts["undetermined", "duplicate"] == 0
    assert (confusion.row_total("benign"), confusion.column_total("true_positive")) == (3, 2)
    assert sum(map(confusion.row_total, confusion.expected)) == confusion.n == 4
    assert sum(map(confusion.column_total, confusion.given)) == confusion.n


def test_agreement_and_recall_carry_their_uncertainty() -> None:
    confusion = measure_confusion(
        [("benign", "benign")] * 6 + [("benign", BLANK)] * 2 + [("duplicate", BLANK)] * 2
    )
    assert (confusion.agreement().k, confusion.agreement().n) == (6, 10)
    assert (confusion.recall("benign").low, confusion.recall("benign").high) == wilson(6, 8)
    assert confusion.recall("true_positive").share is None


@pytest.mark.parametrize("pair", [("harmless", "benign"), ("benign", "harmless"), (BLANK, "benign")])
def test_a_pair_without_a_cell_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="no cell"):
        measure_confusion([pair])


def test_a_wrong_idea_is_counted_by_trainees_who_could_have_shown_it() -> None:
    m01, m05 = measure_misconceptions(
        [
            Exposure("ana", ["M01"], ["M01"]),
            Exposure("ana", ["M01"], ["M01"]),
            Exposure("zoe", ["M01", "M05"], []),
        ]
    )
    assert (m01.code, m01.trainees.k, m01.trainees.n, m01.tickets) == ("M01", 1, 2, 2)
    assert (m05.code, m05.trainees.k, m05.trainees.n, m05.tickets) == ("M05", 0, 1, 0)
    assert not m01.is_reportable


def test_a_rate_is_reportable_from_five_exposed_trainees() -> None:
    exposures = [Exposure(person, ["M02"], ["M02"] if person < 2 else []) for person in range(5)]
    (rate,) = measure_misconceptions(exposures)
    assert rate.is_reportable
    assert (rate.trainees.low, rate.trainees.high) == wilson(2, 5)


def test_who_showed_an_idea_was_exposed_to_it() -> None:
    (rate,) = measure_misconceptions([Exposure("ana", [], ["M03"])])
    assert (rate.trainees.k, rate.trainees.n) == (1, 1)


def test_the_most_common_idea_comes_first_and_ties_go_by_code() -> None:
    exposures = [Exposure("ana", ["M05", "M02", "M01"], ["M05"]), Exposure("zoe", [], ["M05", "M02", "M01"])]
    assert [rate.code for rate in measure_misconceptions(exposures)] == ["M05", "M01", "M02"]
