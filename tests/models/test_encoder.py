"""The accurate model's file: compressed, bounded, refused when it is cut short."""

import zlib

import pytest

from models import encoder
from models.encoder import EncoderModel


def _packed(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def test_a_file_cut_short_is_refused() -> None:
    whole = _packed(bytes(range(256)) * 100)
    with pytest.raises(ValueError, match="cut short"):
        EncoderModel.open(whole[: len(whole) // 2])


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "LARGEST_OPENED", 10_000)
    with pytest.raises(ValueError, match="more than 10000 bytes"):
        EncoderModel.open(_packed(bytes(1_000_000)))
