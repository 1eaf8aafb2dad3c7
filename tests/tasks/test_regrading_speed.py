"""A thousand submissions are graded anew in a minute, as a dry run, each on evidence of its own.

A few are measured here, and the rate is what counts; `python -m bench.regrading` measures the whole thousand."""

from __future__ import annotations

import pytest

from bench.regrading import GOAL_S, dry_run, fill, timed
from tickets.engine import ENGINE_VERSION
from tickets.models.truth import VariantVerdict

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

COUNT = 65
QUERIES_EACH = 6


def test_a_dry_run_takes_less_than_a_minute_for_a_thousand_submissions() -> None:
    """In seconds of a core, for others may use the machine; and with few queries, for each is a way to the database."""
    fill(COUNT)
    with timed() as spent:
        regrading = dry_run()
    assert regrading.state == "computed"
    assert regrading.lines.count() == COUNT
    assert not regrading.lines.filter(change="failed").exists()
    assert VariantVerdict.objects.filter(engine_version=ENGINE_VERSION).count() == COUNT
    assert spent.cpu_s <= COUNT * GOAL_S / 1000
    assert spent.queries <= COUNT * QUERIES_EACH
