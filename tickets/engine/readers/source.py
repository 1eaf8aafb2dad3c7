"""Bytes of one evidence file, taken in order, in blocks of bounded size.

A reader asks a `Source` for bytes or lines and never for the whole file, so that a file of any
size is read in constant memory. gzip is opened on the way, within a limit on its ratio, and text in
UTF-16, as Windows exports it, becomes UTF-8.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from ..types import EngineError, Problem

BLOCK = 1 << 18
MAX_LINE = 1 << 20
MAX_PROBLEMS = 1000
# DEFLATE cannot do better than about 1032:1 (zlib's technical details): a file that comes near it is a bomb.
MAX_GZIP_RATIO = 500
# What a person can wait for; a larger capture is unpacked first, so that its owner sees what it is.
MAX_GZIP_BYTES = 8 << 30
GZIP_MAGIC = b"\x1f\x8b\x08"
# A byte order mark, or ASCII with every other byte nought: no capture begins so.
UTF16 = (
    ("utf-16", re.compile(rb"\xff\xfe|\xfe\xff")),
    ("utf-16-le", re.compile(rb"(?:[\t\r\n -~]\0){8}")),
    ("utf-16-be", re.compile(rb"(?:\0[\t\r\n -~]){8}")),
)


class Source:
    """The bytes of one file from the front: `peek`, `take`, `lines`. `offset` is where we stand."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.offset = 0
        first = stream.read(BLOCK)
        is_gzip = first.startswith(GZIP_MAGIC)
        blocks = _gunzipped(name, first, stream) if is_gzip else _stored(first, stream)
        begin = next(blocks, b"")
        blocks = chain((begin,), blocks)
        encoding = next((word for word, sign in UTF16 if sign.match(begin)), "")
        self._blocks = _transcoded(encoding, blocks) if encoding else blocks
        # A file that is stored as it is can be read past the blocks, straight into a buffer.
        is_changed = is_gzip or encoding
        self._stored = stream if isinstance(stream, io.BufferedIOBase) and not is_changed else None
        self._buffer = b""
        self._start = 0

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end of the file, and stay where we are."""
        self._fill(size)
        return self._buffer[self._start : self._start + size]

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end of the file, and move past them."""
        end = self._start + size
        if end > len(self._buffer):
            self._fill(size)
            end = self._start + size
        data = self._buffer[self._start : end]
        self._start += len(data)
        self.offset += len(data)
        return data

    def take_into(self, buffer: memoryview) -> int:
        """Fill a buffer as far as the file goes, with no copy in between where the file is as it is stored."""
        taken = min(len(buffer), len(self._buffer) - self._start)
        buffer[:taken] = self._buffer[self._start : self._start + taken]
        self._start += taken
        while taken < len(buffer):
            size = self._read_into(buffer[taken:])
            if not size:
                break
            taken += size
        self.offset += taken
        return taken

    def _read_into(self, buffer: memoryview) -> int:
        if self._stored is not None and self.offset:
            return self._stored.readinto(buffer)
        block = next(self._blocks, b"")
        size = min(len(block), len(buffer))
        buffer[:size] = block[:size]
        self._buffer, self._start = block[size:], 0
        return size

    def give_back(self, data: bytes) -> None:
        """Stand before what was taken last, which `data` is."""
        self._buffer, self._start = data + self._buffer[self._start :], 0
        self.offset -= len(data)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield (line number, line without its end). A line over 1 MiB comes cut at that length."""
        number = 0
        while line := self._take_line():
            number += 1
            yield number, line.rstrip(b"\r\n")

    def _take_line(self) -> bytes:
        end = self._find_line_end()
        if end - self._start <= MAX_LINE:
            return self.take(end - self._start)
        line = self.take(MAX_LINE)
        self._skip_to_line_end()
        return line

    def _skip_to_line_end(self) -> None:
        while rest := self.take(self._find_line_end() - self._start):
            if rest.endswith(b"\n"):
                return

    def _find_line_end(self) -> int:
        wanted = 0
        while True:
            found = self._buffer.find(b"\n", self._start + wanted)
            if found >= 0:
                return found + 1
            wanted = len(self._buffer) - self._start
            if wanted > MAX_LINE or not self._fill(wanted + 1):
                return len(self._buffer)

    def _fill(self, size: int) -> bool:
        have = len(self._buffer) - self._start
        if have >= size:
            return True
        parts = [self._buffer[self._start :]]
        while have < size and (block := next(self._blocks, b"")):
            parts.append(block)
            have += len(block)
        self._buffer, self._start = b"".join(parts), 0
        return have >= size


def note_problem(problems: list[Problem], file: str, place: str, problem: str) -> None:
    """Keep a problem for the report. Past the first thousand only one line says that there are more."""
    if len(problems) < MAX_PROBLEMS:
        problems.append(Problem(file, place, problem))
    elif len(problems) == MAX_PROBLEMS:
        problems.append(Problem(file, place, "further problems are not listed"))


def _stored(block: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while block:
        yield block
        block = stream.read(BLOCK)


def _transcoded(encoding: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A pair of bytes that is no character becomes U+FFFD, half a one at the end too."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _gunzipped(name: str, block: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """RFC 1952: members follow one another; what comes after them that is no member is padding."""
    read = written = 0
    inflater = zlib.decompressobj(wbits=31)
    while block:
        read += len(block)
        while block:
            data = _inflate(name, inflater, block, read)
            written += len(data)
            _require_bounded(name, read, written)
            if data:
                yield data
            block = inflater.unconsumed_tail or inflater.unused_data
            if inflater.eof:
                if not block.startswith(GZIP_MAGIC):
                    return
                inflater = zlib.decompressobj(wbits=31)
        block = stream.read(BLOCK)
    if not inflater.eof:
        raise EngineError("the gzip stream ends early", file=name, place=f"compressed byte {read}")


def _require_bounded(name: str, read: int, written: int) -> None:
    if written > MAX_GZIP_RATIO * read + BLOCK:
        raise EngineError(f"grows more than {MAX_GZIP_RATIO} times when unpacked", file=name)
    if written > MAX_GZIP_BYTES:
        raise EngineError(f"holds more than {MAX_GZIP_BYTES >> 30} GiB when unpacked", file=name)


def _inflate(name: str, inflater: zlib._Decompress, block: bytes, read: int) -> bytes:
    try:
        return inflater.decompress(block, BLOCK)
    except zlib.error:
        raise EngineError("the gzip stream is damaged", file=name, place=f"compressed byte {read}") from None
