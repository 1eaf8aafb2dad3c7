"""Confusion and wrong ideas over a small cohort."""

from __future__ import annotations

import pytest

from tickets.measures import (
    BLANK,
    Exposure,
    measure_confusion,
    measure_misconceptions,
    wilson,
)


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
    assert confusion.row_total("benign") == 3
    assert sum(map(confusion.row_total, confusion.expected)) == confusion.n == 4


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


def test_a_rate_carries_its_interval() -> None:
    exposures = [Exposure(person, ["M02"], ["M02"] if person < 2 else []) for person in range(5)]
    (rate,) = measure_misconceptions(exposures)
    assert (rate.trainees.low, rate.trainees.high) == wilson(2, 5)


def test_who_showed_an_idea_was_exposed_to_it() -> None:
    (rate,) = measure_misconceptions([Exposure("ana", [], ["M03"])])
    assert (rate.trainees.k, rate.trainees.n) == (1, 1)


def test_the_most_common_idea_comes_first_and_ties_go_by_code() -> None:
    exposures = [Exposure("ana", ["M05", "M02", "M01"], ["M05"]), Exposure("zoe", [], ["M05", "M02", "M01"])]
    assert [rate.code for rate in measure_misconceptions(exposures)] == ["M05", "M01", "M02"]
