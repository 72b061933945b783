"""A file's content in pieces, with gzip or zip undone on the way; never all of it in memory."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from risk_service.errors import FileError

PIECE = 1 << 18
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_GZIP_HEADER = zlib.MAX_WBITS | 16


class CutShort(FileError):
    """A packed file ends too early or is damaged; the pieces before were whole."""


def unpacked(path: Path) -> Iterator[bytes]:
    """Pieces of the content, none empty and each of at most 256 KiB.

    gzip (of several members too) and a zip of one file are known by their first bytes.

    Raises
    ------
    FileError
        When the file cannot be opened, or is a zip of other than one file.
    CutShort
        After the last good piece of a packed file that is damaged or ends too early.
    """
    with opened(path) as stream:
        magic = stream.read(4)
        stream.seek(0)
        if magic.startswith(_GZIP):
            yield from _gunzip(stream)
        elif magic == _ZIP:
            yield from _unzip(stream)
        else:
            yield from _pieces(stream)


def is_packed(path: Path) -> bool:
    """Whether the file is gzip or zip, by its first bytes."""
    with opened(path) as stream:
        magic = stream.read(4)
    return magic.startswith(_GZIP) or magic == _ZIP


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """The file, open for reading; an OSError on the way becomes a FileError."""
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise FileError(error.strerror or str(error)) from error


def _pieces(stream: BufferedReader) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _gunzip(stream: BufferedReader) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP_HEADER)
    for packed in _pieces(stream):
        rest = packed
        while rest:
            if decoder.eof:
                if not rest.startswith(_GZIP[:1]):
                    return  # padding after the last member
                decoder = zlib.decompressobj(_GZIP_HEADER)
            if piece := _inflate(decoder, rest):
                yield piece
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    # The decoder may hold back a little when its input is used up.
    while not decoder.eof and (piece := _inflate(decoder, b"")):
        yield piece
    if not decoder.eof:
        raise CutShort("the gzip file ends too early")


def _inflate(decoder: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return decoder.decompress(packed, PIECE)
    except zlib.error as error:
        raise CutShort(f"the gzip file is damaged: {error}") from None


def _unzip(stream: BufferedReader) -> Iterator[bytes]:
    try:
        archive = zipfile.ZipFile(stream)
        names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
        if len(names) != 1:
            raise FileError(f"holds {len(names)} files; a zip of one file is taken")
        member = archive.open(names[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise FileError(str(error)) from None
    with archive, member:
        while True:
            try:
                piece = member.read(PIECE)
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise CutShort(f"the zip file is damaged: {error}") from None
            if not piece:
                return
            yield piece
