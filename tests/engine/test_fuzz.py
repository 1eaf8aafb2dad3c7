"""A sample of what `make fuzz` does, and that it would notice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import fuzz


def test_random_and_mutated_files_end_in_a_result_or_an_engine_error() -> None:
    ended, failed, _ = fuzz.run(range(1, 401))
    assert failed == []
    assert ended.total() == 400
    assert set(ended) == {"read", "refused", "nothing in it"}


def test_the_file_of_a_seed_is_always_the_same() -> None:
    assert [fuzz.make_file(seed) for seed in range(20)] == [fuzz.make_file(seed) for seed in range(20)]


def test_a_fault_is_kept_with_its_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stumble(_data: bytes) -> str:
        raise IndexError("out of range")

    monkeypatch.setattr(fuzz, "understand", stumble)
    monkeypatch.setattr(fuzz, "FAILURES", tmp_path / "failures")
    _, failed, _ = fuzz.run(range(7, 8))
    assert failed == [7]
    assert (tmp_path / "failures" / "7.bin").read_bytes() == fuzz.make_file(7)


def test_a_file_that_takes_for_ever_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def hang(_data: bytes) -> str:
        time.sleep(30)
        return "read"

    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    monkeypatch.setattr(fuzz, "FAILURES", tmp_path)
    monkeypatch.setattr(fuzz, "understand", hang)
    assert fuzz.run(range(1))[1] == [0]
