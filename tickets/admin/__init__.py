"""The instructor's desk: every record can be seen and found there, one's own cohorts only."""

from . import (  # noqa: F401  each registers its models
    assignments,
    audit,
    cohorts,
    evidence,
    grades,
    hints,
    jobs,
    marks,
    scenarios,
    shifts,
    step_checks,
    tickets,
    truth,
    uploads,
    users,
    worksheets,
)
