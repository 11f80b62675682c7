"""Reads log files in pieces that fit the processor's cache: what is decompressed is looked at while it is there.

isal's igzip decompresses several times faster than zlib (https://github.com/pycompression/python-isal).
"""

from collections.abc import Iterator
from typing import BinaryIO, Final, cast

from isal import isal_zlib

PIECE_BYTES: Final = 1 << 19
_READ_BYTES: Final = 1 << 17
_TELLING_BYTES: Final = 1 << 10
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_BrokenDataError: Final = cast("type[Exception]", isal_zlib.error)


class UnreadableError(Exception):
    """A file, or the rest of one, cannot be read; the message says why, as the rest of a sentence about it."""


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """The text of a file, decompressed if it is compressed, in pieces of about `PIECE_BYTES`.

    Args:
        file: at its beginning.

    Returns:
        Pieces, of which the first is long enough to tell what the file is, unless that is all there is.

    Raises:
        UnreadableError: after the pieces before it, where the compressed data is broken or cut off.
    """
    start = file.read(_READ_BYTES)
    if start.startswith(_GZIP):
        yield from _telling(_decompressed(start, file))
        return
    piece = start + file.read(PIECE_BYTES - len(start))
    while piece:
        yield piece
        piece = file.read(PIECE_BYTES)


def _telling(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first ones in one."""
    first, broken = b"", None
    try:
        while len(first) < _TELLING_BYTES and (piece := next(pieces, b"")):
            first += piece
    except UnreadableError as error:
        broken = error
    if first:
        yield first
    if broken:
        raise broken
    yield from pieces


def _decompressed(data: bytes, file: BinaryIO) -> Iterator[bytes]:
    member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
    while True:
        try:
            piece = member.decompress(data, PIECE_BYTES)
        except _BrokenDataError:
            raise UnreadableError("its compressed data is broken") from None
        if piece:
            yield piece
        if not member.eof:
            # An input that is not used up waits for its turn.
            data = member.unconsumed_tail or (b"" if len(piece) == PIECE_BYTES else file.read(_READ_BYTES))
            if not data and len(piece) < PIECE_BYTES:
                raise UnreadableError("it is cut off")
            continue
        data = (member.unused_data or file.read(_READ_BYTES)).lstrip(b"\x00")
        if not data:
            return
        if not data.startswith(_GZIP):
            raise UnreadableError("something else follows its compressed data")
        member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
