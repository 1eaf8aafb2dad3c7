"""The cyber range: a story and a seed give packets, logs and an alert. Pure: same seed, same bytes."""

from tickets.simulator.sensors.alarms import Signature
from tickets.simulator.setting import CastHost, PlacedTap, Setting, ShownSensor, Span
from tickets.simulator.showing import SENSORS
from tickets.simulator.simulation import SIMULATOR_VERSION, Oddity, SimulatedFile, Simulation, Truth
from tickets.simulator.stage import Stage
from tickets.simulator.stories import STORIES
from tickets.simulator.systems import BY_NAME as SYSTEMS

__all__ = [
    "SENSORS",
    "SIMULATOR_VERSION",
    "STORIES",
    "SYSTEMS",
    "CastHost",
    "Oddity",
    "PlacedTap",
    "Setting",
    "ShownSensor",
    "Signature",
    "SimulatedFile",
    "Simulation",
    "Span",
    "Stage",
    "Truth",
    "generate",
]


def generate(story: str, seed: bytes, setting: Setting) -> Simulation:
    """Play a story with a secret seed of 16 bytes on the network of its scenario file.

    Raises ValueError for a story that is not known, a seed of another length, or a setting that lacks what
    the story asks for.
    """
    play = STORIES.get(story)
    if play is None:
        raise ValueError(f"There is no story {story!r}; the stories are {', '.join(sorted(STORIES))}.")
    return play(Stage(story, seed, setting))
