"""A mark says what the recognisers would say, without asking them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.engine.applications import Message, recognise
from tickets.engine.applications.marks import MARK_BYTES, MARKS, Mark
from tickets.engine.applications.roles import named_ports


@st.composite
def messages(draw: st.DrawFn, mark: Mark) -> Message:
    """Any payload that carries the mark, of any length, between any ports that the mark allows."""
    size = draw(st.integers(mark.least, mark.least + 60))
    data = bytearray(draw(st.binary(min_size=size, max_size=size)))
    for place, wanted in mark.bytes_at.items():
        data[place] = draw(st.sampled_from(sorted(wanted)))
    named = named_ports(mark.protocol)
    plain = st.integers(0, 65535).filter(lambda port: port not in named)
    ports = [draw(st.sampled_from(sorted(mark.ports))) if mark.ports else draw(plain)]
    ports.append(draw(st.one_of(plain, st.just(ports[0]))))
    return Message(bytes(data), size + draw(st.integers(0, 1400)), *draw(st.permutations(ports)))


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.role.message)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_mark_says_what_the_recognisers_say(mark: Mark, data: st.DataObject) -> None:
    message = data.draw(messages(mark))
    assert recognise(mark.protocol, message) == mark.role


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.role.message)
def test_a_mark_lies_within_the_bytes_that_are_looked_at(mark: Mark) -> None:
    assert max(mark.bytes_at) < min(MARK_BYTES, mark.least)
