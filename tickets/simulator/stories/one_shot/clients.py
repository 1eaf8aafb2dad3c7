"""What workstations do beside the lesson: as much in each variant, whatever it is."""

from __future__ import annotations

from tickets.simulator.network import Dialogue
from tickets.simulator.stage import MS, Stage


def play_clients(stage: Stage, spread_s: int = 20) -> list[Dialogue]:
    """What workstations ask for on any day: names, pages, the time."""
    first, second, third = stage.moments(3, spread_s)
    dialogues = [
        *stage.visit(stage.workstation(), stage.web_site(), first),
        stage.look_up(stage.workstation(), stage.web_site(), second),
        stage.set_clock(stage.workstation(), stage.time_server, third),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.look_up(stage.workstation(), stage.web_site(), third + 700 * MS))
    return dialogues
