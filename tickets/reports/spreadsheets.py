"""The cohort report's figures as tables, and tables as CSV and XLSX.

A cell may hold what a trainee typed, and a spreadsheet runs what looks like a formula. XLSX keeps text as
text by type; CSV has no types, so there a leading apostrophe does it (OWASP WSTG-INPV-21).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from tickets.reports.cohort_answers import Figure
from tickets.reports.cohorts import CohortReport
from tickets.reports.help_use import LEVELS
from tickets.reports.spelling import spelled

Cell = str | int | float | None

# What spreadsheets take for the start of a formula, the full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_000  # a spreadsheet cell holds 32,767 characters


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def plain_text(text: str) -> str:
    """Text without the control characters that a spreadsheet refuses or that mislead, each shown as its code."""
    shown = spelled(text)
    return shown if len(shown) <= LONGEST_CELL else shown[:LONGEST_CELL] + "…[truncated]"


def safe_csv_cell(value: Cell) -> Cell:
    """A number as it is; text so that no spreadsheet runs it."""
    if not isinstance(value, str):
        return value
    text = plain_text(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def as_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (table.header, *table.rows):
        writer.writerow([safe_csv_cell(value) for value in row])
    return out.getvalue()


def as_xlsx(tables: Sequence[Table]) -> bytes:
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for table in tables:
            sheet = book.add_worksheet(table.name[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, [plain_text(name) for name in table.header], bold)
            for number, row in enumerate(table.rows, start=1):
                for column, value in enumerate(row):
                    sheet.write(number, column, plain_text(value) if isinstance(value, str) else value)
            sheet.autofit()
    return out.getvalue()


def _completion(report: CohortReport) -> Table:
    rows = tuple((step.label, step.count, step.of, ", ".join(step.waiting)) for step in report.steps)
    return Table("Completion", ("step", "tickets", "of", "waiting here before it"), rows)


def _figure_rows(figures: Sequence[Figure]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            figure.key,
            figure.label,
            figure.share.k,
            figure.share.n,
            figure.trainees,
            _rounded(figure.share.low),
            _rounded(figure.share.high),
            figure.helped.k,
            figure.helped.n,
        )
        for figure in figures
    )


def _rounded(bound: float | None) -> float | None:
    return None if bound is None else round(bound, 4)


def _fields(report: CohortReport) -> Table:
    header = (
        "field",
        "name",
        "right",
        "n answers",
        "trainees",
        "low 95 %",
        "high 95 %",
        "right with help",
        "n answers with help",
    )
    return Table("Fields", header, _figure_rows(report.fields))


def _ideas(report: CohortReport) -> Table:
    header = (
        "code",
        "name",
        "trainees who showed it",
        "n trainees",
        "exposed",
        "low 95 %",
        "high 95 %",
        "trainees who showed it with help",
        "n trainees with help",
    )
    return Table("Wrong ideas", header, _figure_rows(report.ideas))


def _skills(report: CohortReport) -> Table:
    header = (
        "skill",
        "name",
        "trainees who mastered it",
        "n trainees",
        "low 95 %",
        "high 95 %",
        "slipped",
        "right",
        "n answers",
        "low 95 % of answers",
        "high 95 % of answers",
        "right with help",
        "n answers with help",
    )
    rows = tuple(
        (
            line.skill.code,
            line.skill.name,
            line.mastered.k,
            line.mastered.n,
            _rounded(line.mastered.low),
            _rounded(line.mastered.high),
            line.slipped,
            line.shown.k,
            line.shown.n,
            _rounded(line.shown.low),
            _rounded(line.shown.high),
            line.helped.k,
            line.helped.n,
        )
        for line in report.skills
    )
    return Table("Skills", header, rows)


def _dispositions(report: CohortReport) -> Table:
    chosen = tuple(cell.chosen for cell in report.confusion[0].cells)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (row.truth, *(cell.count for cell in row.cells), row.n) for row in report.confusion
    )
    return Table("Dispositions", ("truth", *(f"chose {name}" for name in chosen), "n"), rows)


def _work(report: CohortReport) -> Table:
    rows = tuple(
        (
            str(row.trainee),
            *(float(cell.points) if cell.points is not None else cell.state for cell in row.cells),
            float(row.points),
            float(row.max_points),
        )
        for row in report.work
    )
    header = ("trainee", *report.columns, "points", "of")
    return Table("Trainees", header, rows)


def _help(report: CohortReport) -> Table:
    header = (
        "scenario",
        "submitted",
        "no hint",
        *(f"up to hint {level}" for level in LEVELS),
        "steps checked",
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (row.title, row.tickets, row.none, *row.by_level, row.checked) for row in report.help_use
    )
    return Table("Help", header, rows)


FIGURES: Mapping[str, Callable[[CohortReport], Table]] = {
    "completion": _completion,
    "fields": _fields,
    "dispositions": _dispositions,
    "ideas": _ideas,
    "skills": _skills,
    "trainees": _work,
    "help": _help,
}


def figure_table(report: CohortReport, figure: str) -> Table:
    """The table behind one figure; KeyError for a figure that the report does not have."""
    return FIGURES[figure](report)


def all_tables(report: CohortReport) -> list[Table]:
    return [build(report) for build in FIGURES.values()]
