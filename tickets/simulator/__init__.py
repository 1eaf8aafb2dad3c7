"""The cyber range: a story and a seed give packets, logs and an alert. Pure: same seed, same bytes."""

from tickets.simulator.simulation import SIMULATOR_VERSION, Oddity, SimulatedFile, Simulation, Truth
from tickets.simulator.stage import Stage
from tickets.simulator.stories import STORIES

__all__ = ["SIMULATOR_VERSION", "STORIES", "Oddity", "SimulatedFile", "Simulation", "Truth", "generate"]


def generate(story: str, seed: bytes) -> Simulation:
    """Play a story with a secret seed of 16 bytes.

    Raises ValueError for a story that is not known or a seed of another length.
    """
    play = STORIES.get(story)
    if play is None:
        raise ValueError(f"There is no story {story!r}; the stories are {', '.join(sorted(STORIES))}.")
    return play(Stage(story, seed))
