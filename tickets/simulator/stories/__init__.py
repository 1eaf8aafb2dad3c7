"""The stories by name: a file a lesson, or a folder with a file a theme."""

from collections.abc import Callable

from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.stories import direction_as_deception, many_connections
from tickets.simulator.stories.attack_outcome import logins as attack_logins
from tickets.simulator.stories.attack_outcome import web as attack_web
from tickets.simulator.stories.did_it_succeed import decoys, knocks, web
from tickets.simulator.stories.inside import logins, sweeps, transfers
from tickets.simulator.stories.one_shot import bursts, elsewhere, questions, routes
from tickets.simulator.stories.pipeline import devices, relays, taps
from tickets.simulator.stories.who_started_it import answers, callers, peers, ports

STORIES: dict[str, Callable[[Stage], Simulation]] = {
    "web_return": callers.play_web_return,
    "bastion_login": callers.play_bastion_login,
    "knock_at_the_edge": callers.play_knock_at_the_edge,
    "busy_site": answers.play_busy_site,
    "mapped_event": answers.play_mapped_event,
    "nightly_report": ports.play_nightly_report,
    "code_server": ports.play_code_server,
    "listed_partner": answers.play_listed_partner,
    "forged_senders": answers.play_forged_senders,
    "shared_port": peers.play_shared_port,
    "closed_port": knocks.play_closed_port,
    "router_says_no": knocks.play_router_says_no,
    "unheard_knock": knocks.play_unheard_knock,
    "half_open_scan": knocks.play_half_open_scan,
    "cloud_knock": knocks.play_cloud_knock,
    "device_line": knocks.play_device_line,
    "device_reset": knocks.play_device_reset,
    "probe_for_scripts": web.play_probe_for_scripts,
    "burst_of_queries": web.play_burst_of_queries,
    "dropped_query": web.play_dropped_query,
    "decoy_knock": decoys.play_decoy_knock,
    "decoy_logins": decoys.play_decoy_logins,
    "late_sensor": taps.play_late_sensor,
    "two_sensors": taps.play_two_sensors,
    "both_ports": taps.play_both_ports,
    "behind_the_proxy": relays.play_behind_the_proxy,
    "in_the_name_of": relays.play_in_the_name_of,
    "steady_visitor": relays.play_steady_visitor,
    "line_of_the_firewall": devices.play_line_of_the_firewall,
    "second_unit": devices.play_second_unit,
    "scanner_in_its_window": sweeps.play_scanner_in_its_window,
    "neighbours_sweep": sweeps.play_neighbours_sweep,
    "mail_to_the_world": sweeps.play_mail_to_the_world,
    "service_by_smb": logins.play_service_by_smb,
    "winrm_by_management": logins.play_winrm_by_management,
    "desktop_from_jump_host": logins.play_desktop_from_jump_host,
    "backup_upload": transfers.play_backup_upload,
    "download_told_backwards": transfers.play_download_told_backwards,
    "long_answer": questions.play_long_answer,
    "listed_answer": questions.play_listed_answer,
    "time_answer": questions.play_time_answer,
    "polled_device": questions.play_polled_device,
    "film": questions.play_film,
    "telephone_search": bursts.play_telephone_search,
    "list_answers": bursts.play_list_answers,
    "passwords_in_vain": attack_logins.play_passwords_in_vain,
    "password_found": attack_logins.play_password_found,
    "passwords_seen_backwards": attack_logins.play_passwords_seen_backwards,
    "string_for_a_logger": attack_web.play_string_for_a_logger,
    "page_that_says_root": attack_web.play_page_that_says_root,
    "program_fetched": attack_web.play_program_fetched,
    "form_sent": attack_web.play_form_sent,
    "heartbeat_without_leak": attack_web.play_heartbeat_without_leak,
    "probe_without_syn": direction_as_deception.play_probe_without_syn,
    "shell_behind_a_port": direction_as_deception.play_shell_behind_a_port,
    "rhythm_over_tls": direction_as_deception.play_rhythm_over_tls,
    "ssh_on_the_web_port": direction_as_deception.play_ssh_on_the_web_port,
    "file_from_port_20": many_connections.play_file_from_port_20,
    "listing_from_a_high_port": many_connections.play_listing_from_a_high_port,
    "support_by_relay": many_connections.play_support_by_relay,
    "saved_settings": elsewhere.play_saved_settings,
    "neighbours_answer": elsewhere.play_neighbours_answer,
    "lease_for_a_newcomer": elsewhere.play_lease_for_a_newcomer,
    "way_to_a_site": routes.play_way_to_a_site,
}
