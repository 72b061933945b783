"""gzip undone piece by piece, never further than a limit: a bomb is refused before it swells."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from risk_service.errors import FeedError

GZIP_MAGIC = b"\x1f\x8b"
_EITHER_HEADER = zlib.MAX_WBITS | 32


def inflated(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    """The content of a gzip or zlib stream, at most ``max_bytes`` long.

    Further gzip members are read too; other bytes after the stream are left alone.

    Raises
    ------
    FeedError
        When the stream is broken, cut short, or holds more.

    Examples
    --------
    >>> inflated([zlib.compress(b"talks")], 5)
    b'talks'
    """
    content, whole = inflated_as_far(chunks, max_bytes)
    if not whole:
        raise FeedError("the compressed body is cut short")
    return content


def inflated_as_far(chunks: Iterable[bytes], max_bytes: int) -> tuple[bytes, bool]:
    """The content of a stream that may be cut short, at most ``max_bytes``, and whether it is all.

    Raises
    ------
    FeedError
        When the stream is broken or holds more.

    Examples
    --------
    >>> inflated_as_far([zlib.compress(b"talks")], 5)
    (b'talks', True)
    >>> inflated_as_far([zlib.compress(b"talks")[:-1]], 5)
    (b'talks', False)
    """
    decoder = zlib.decompressobj(_EITHER_HEADER)
    content = bytearray()
    for chunk in chunks:
        rest = chunk
        while rest:
            if decoder.eof:
                if not rest.startswith(GZIP_MAGIC):
                    break
                decoder = zlib.decompressobj(_EITHER_HEADER)
            content += _piece(decoder, rest, max_bytes + 1 - len(content))
            if len(content) > max_bytes:
                raise FeedError(f"the body unpacks to more than {max_bytes} bytes")
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    return bytes(content), decoder.eof


def _piece(decoder: zlib._Decompress, data: bytes, room: int) -> bytes:
    try:
        return decoder.decompress(data, room)
    except zlib.error as error:
        raise FeedError(f"the compressed body is broken: {error}") from None
