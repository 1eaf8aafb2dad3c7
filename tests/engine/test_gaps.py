"""`g` in the history: what one end acknowledged and nobody captured."""

from __future__ import annotations

from tests.traffic import ACK, Tcp, conversation, tcp

ENDS = "10.0.0.1:40000", "203.0.113.80:80"


def talk(isn: int = 1000) -> Tcp:
    """Packets: 1 to 3 the handshake, 4 to 6 what the client says, 7 the acknowledgment."""
    return tcp(*ENDS, isn=isn).handshake().says(b"one").says(b"two").says(b"three").ack(from_server=True)


def test_a_conversation_that_was_captured_whole_has_no_gap() -> None:
    assert conversation(talk()).history == "ShADa"


def test_acknowledged_data_that_was_not_captured_is_a_gap_of_its_sender() -> None:
    assert conversation(talk().cut(5)).history == "ShADaG"
    assert conversation(talk().cut(4, 5, 6)).history == "ShAaG"


def test_a_gap_shows_also_where_the_numbers_begin_again_at_nothing() -> None:
    assert conversation(talk(isn=0xFFFFFFF9)).history == "ShADa"
    assert conversation(talk(isn=0xFFFFFFF9).cut(5)).history == "ShADaG"


def test_what_is_missing_and_was_not_acknowledged_is_no_gap() -> None:
    """It may never have arrived, and be sent again after the capture's end."""
    assert "G" not in conversation(talk().cut(5, 7)).history


def test_what_comes_out_of_order_or_again_is_no_gap() -> None:
    frames = talk().frames
    order = [frames[at]._replace(at_us=10_000 + place) for place, at in enumerate((5, 3, 4, 6))]
    assert conversation([*frames[:3], *order]).history == "ShADTa"


def test_a_fin_that_was_missed_is_no_content() -> None:
    closed = tcp(*ENDS).handshake().says(b"one").fin().ack(from_server=True)
    assert "G" not in conversation(closed.cut(5)).history


def test_a_capture_that_begins_in_the_middle_misses_nothing_before_its_first_packet() -> None:
    assert "G" not in conversation(talk().answers(b"yes").cut(1, 2, 3, 4)).history


def test_an_end_of_which_nothing_was_captured_has_no_gap() -> None:
    assert "G" not in conversation(talk().answers(b"yes").ack().only("server")).history.upper()


def test_a_syn_ack_or_reset_that_acknowledges_something_else_shows_no_gap() -> None:
    strange = (
        tcp(*ENDS)
        .syn()
        .segment(2 | ACK, from_server=True, ack=5000)
        .segment(4 | ACK, from_server=True, ack=9000)
    )
    assert "G" not in conversation(strange).history
