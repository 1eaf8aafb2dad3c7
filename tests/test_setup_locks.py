"""The lock files bring the same bytes to every machine, and say nothing of where they come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_no_folder_of_a_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"(?m)(^|\s)(/|--(extra-)?index-url|--find-links)", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_in_a_lock_has_an_exact_version_and_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_tests_run_on_the_versions_that_the_product_ships() -> None:
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"(?m)^([a-z0-9._-]+)==([^\s;]+)", (ROOT / name).read_text()))

    product, development = map(versions, LOCKS)
    assert product.items() <= development.items()
