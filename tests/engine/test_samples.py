"""The script that holds samples against what their formats state tells each one that is read otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import samples
from tests.samples import Stated, misses

LINE = (
    "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 9001 for outside:203.0.113.80/80 "
    "(203.0.113.80/80) to inside:10.20.30.40/3932 (192.0.2.1/3932)\n"
)
BUILT = Stated("tcp", orig="10.20.30.40:3932", names_opener=True, resp="203.0.113.80:80", outcome="one_way")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "asa.log").write_text(LINE)
    return tmp_path


def test_a_sample_that_is_read_as_stated_is_no_miss(folder: Path) -> None:
    assert list(misses(folder, "asa.log", [BUILT])) == []


@pytest.mark.parametrize(
    "stated",
    [
        [BUILT._replace(outcome="refused")],
        [BUILT._replace(orig=BUILT.resp, resp=BUILT.orig)],
        [BUILT._replace(names_opener=False)],
        [BUILT, BUILT._replace(orig="10.20.30.41:5000")],
        [],
    ],
)
def test_another_end_outcome_or_conversation_is_a_miss(folder: Path, stated: list[Stated]) -> None:
    assert list(misses(folder, "asa.log", stated))


def test_a_missing_sample_is_a_miss_and_a_missing_folder_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(list(misses(folder, "other.log", [BUILT]))) == 1
    assert samples.main([str(folder / "nowhere")]) == 2
    assert "There is no such folder" in capsys.readouterr().err
