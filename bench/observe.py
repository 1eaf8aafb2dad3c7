"""What the engine makes of one file, and nothing else: a program to be measured by `bench.engine`.

python -m bench.observe FILE [conversations|basis|findings|records]
"""

from __future__ import annotations

import sys
from pathlib import Path

from tickets.engine import describe, observe, read_evidence


def main(path: Path, depth: str) -> None:
    """Go as deep as is asked: `basis` is what `manage.py analyze` prints, `findings` is all that could be told."""
    with path.open("rb") as stream:
        if depth == "records":
            for _ in read_evidence(path.name, stream).records:
                pass
            return
        for conversation in observe([(path.name, stream)]).conversations:
            if depth == "basis" and (finding := conversation.basis):
                describe(finding)
            elif depth == "findings":
                _ = conversation.findings


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "conversations")
