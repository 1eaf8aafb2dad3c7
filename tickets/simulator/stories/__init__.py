"""The stories by name, one file a lesson."""

from collections.abc import Callable

from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.stories import did_it_succeed, who_started_it

STORIES: dict[str, Callable[[Stage], Simulation]] = {
    "web_return": who_started_it.play_web_return,
    "bastion_login": who_started_it.play_bastion_login,
    "knock_at_the_edge": who_started_it.play_knock_at_the_edge,
    "closed_port": did_it_succeed.play_closed_port,
    "decoy_knock": did_it_succeed.play_decoy_knock,
    "decoy_logins": did_it_succeed.play_decoy_logins,
}
