"""Gigabytes between inside and the Internet: which side sent them, and was that expected?"""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.messages import tls
from tickets.simulator.network import Dialogue
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.stories.inside.sweeps import office_day
from tickets.simulator.telling import OnLine, change_window, tell

MB = 1_000_000
BLOCK_BYTES = 16_000


def _transfer(stage: Stage, *, is_upload: bool) -> Dialogue:
    """Megabytes over TLS between the file's source and its far host."""
    source, far, chance = stage.host("source"), stage.host("far"), stage.noise.child("transfer")
    talk = stage.talk(stage.socket(source), stage.door("far", 443), stage.start_ns)
    talk.shake_hands()
    talk.play((*tls.talk_tls13(far.name, chance), *tls.talk_tls_data([(900, 700)], chance)))
    sender = talk.client if is_upload else talk.server
    size, speed = stage.number("megabytes") * MB, stage.number("mb_per_s") * MB
    talk.stream(sender, size, speed, tls.write_sealed(BLOCK_BYTES, chance))
    talk.part(talk.client, chance.about(400_000_000))
    return talk.end("tls", {"server_name": far.name})


def play_backup_upload(stage: Stage) -> Simulation:
    """T102: the backup server sends the night's data to the provider that keeps it."""
    lesson = _transfer(stage, is_upload=True)
    return tell(
        stage,
        lesson,
        [lesson, *office_day(stage, stage.host("source"))],
        stage.firewall(),
        raised=OnLine(sensor="zeek_conn", dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values=change_window(stage),
    )


def play_download_told_backwards(stage: Stage) -> Simulation:
    """T104: a workstation loads an image; the collector's line of the answer names the server first."""
    lesson = _transfer(stage, is_upload=False)
    far, source = lesson.server.endpoint, lesson.client.endpoint
    return tell(
        stage,
        lesson,
        [lesson, *office_day(stage, stage.host("source"))],
        stage.firewall(),
        raised=OnLine(
            sensor="nfdump",
            dialogue=lesson,
            words=f"{far.ip},{far.port},{source.ip}",
            which=-1,
            ends=(far, source),
        ),
        outcome=Outcome.ESTABLISHED,
    )
