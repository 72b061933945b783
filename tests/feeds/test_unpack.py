import gzip
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from risk_service.errors import FileError
from risk_service.feeds.unpack import PIECE, CutShort, is_packed, unpacked

CONTENT = random.Random(1).randbytes(3 * PIECE + 17)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        CONTENT,
        gzip.compress(CONTENT),
        gzip.compress(CONTENT[:999]) + gzip.compress(CONTENT[999:]),
        gzip.compress(CONTENT) + bytes(512),
        zipped(one=CONTENT),
    ],
    ids=["plain", "gzip", "members", "padded", "zip"],
)
def test_the_content_comes_back_in_pieces(tmp_path: Path, packed: bytes) -> None:
    path = written(tmp_path, packed)
    pieces = list(unpacked(path))
    assert b"".join(pieces) == CONTENT
    assert all(0 < len(piece) <= PIECE for piece in pieces)
    assert is_packed(path) == (packed != CONTENT)


def test_of_a_gzip_that_ends_early_all_that_is_there_comes_first(tmp_path: Path) -> None:
    packed = gzip.compress(CONTENT)
    pieces = []
    with pytest.raises(CutShort, match="ends too early"):
        for piece in unpacked(written(tmp_path, packed[: len(packed) // 2])):
            pieces.append(piece)
    found = b"".join(pieces)
    assert len(found) > len(CONTENT) // 3
    assert CONTENT.startswith(found)


def zipped_alone(content: bytes) -> bytes:
    return zipped(one=content)


@pytest.mark.parametrize("packing", [gzip.compress, zipped_alone])
def test_damage_is_told(tmp_path: Path, packing: Callable[[bytes], bytes]) -> None:
    packed = bytearray(packing(b"talks " * 100_000))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(CutShort, match="damaged"):
        list(unpacked(written(tmp_path, bytes(packed))))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(zipped(a=b"1", b=b"2"), "holds 2 files"), (zipped(a=b"1")[:20], "not a zip file")],
    ids=["two files", "cut short"],
)
def test_a_zip_must_be_whole_and_hold_one_file(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    with pytest.raises(FileError, match=complaint):
        list(unpacked(written(tmp_path, content)))


def test_what_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        list(unpacked(tmp_path / "nothing"))
    with pytest.raises(FileError, match="directory"):
        list(unpacked(tmp_path))


def test_a_bomb_stays_small_in_memory(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(bytes(64 << 20), 9))
    tracemalloc.start()
    size = sum(len(piece) for piece in unpacked(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 64 << 20
    assert peak < 4 << 20
