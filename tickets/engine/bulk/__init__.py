"""Captures in bulk: what `readers` and `grouping` do with each packet, done for tens of thousands at a time.

    records     where the records of a block begin
    frames      blocks of frames, of pcap and pcapng
    columns     the headers of ordinary packets, in columns
    addresses   endpoints as numbers
    sums        their checksums
    runs        packets in order of conversation and side
    gathering   what each conversation comes to
    gaps        what was acknowledged and not captured
    ears        whose message a payload may be
    hearing     what is spoken
    table       a row for each conversation
    concluding  rows -> conversations

Whatever is not ordinary goes to `readers` and `grouping`, packet by packet, and both ways come to the same.
"""

from __future__ import annotations

import os

# numpy brings a library of linear algebra, which starts its threads as it is loaded. Nothing here asks for it, and they
# cost as much CPU time as the rest of numpy's start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .concluding import conclude_captures
from .frames import read_frames
from .gathering import Gathering

__all__ = ["Gathering", "conclude_captures", "read_frames"]
