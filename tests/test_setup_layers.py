"""The walls in pyproject.toml know every room of the house."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_layer_below_models_is_held_to_be_pure() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    pure = next(contract for contract in contracts if contract["name"].startswith("purity"))
    below_models = layers[layers.index("models") + 1 :]
    names = {name for line in below_models for name in re.findall(r"\w+", line)}
    existing = {f"tickets.{name}" for name in names if any((ROOT / "tickets").glob(f"{name}*/*.py"))}
    existing |= {f"tickets.{name}" for name in names if (ROOT / "tickets" / f"{name}.py").exists()}
    assert existing == set(pure["source_modules"])
