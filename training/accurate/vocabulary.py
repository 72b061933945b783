"""A smaller vocabulary: word pieces that news of the dyad uses, so that the file stays small."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

PIECES = 16_000
MOST_TOKENS = 64
"""Tokens of a text that are read."""


def smaller(folder: Path, texts: Iterable[str], most: int = PIECES) -> tuple[str, list[int]]:
    """A tokenizer as JSON with at most ``most`` pieces, and their numbers in the published one.

    Kept are special tokens, single characters, every piece the texts use, and then pieces by
    their published number, which goes by frequency. Any word can still be spelled.
    """
    facts = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    whole = Tokenizer.from_str(json.dumps(facts))
    vocab: dict[str, int] = facts["model"]["vocab"]
    special = {token["content"]: token["id"] for token in facts["added_tokens"]}
    first = {0, 1, 2, 3} | set(special.values())
    single = {i for piece, i in vocab.items() if len(piece.removeprefix("##")) == 1}
    used = {i for encoding in whole.encode_batch(list(texts)) for i in encoding.ids}
    must = first | single | used
    rest = [i for i in sorted(vocab.values()) if i not in must]
    kept = sorted(must | set(rest[: max(0, most - len(must))]))
    fresh = {old: new for new, old in enumerate(kept)}
    facts["model"]["vocab"] = {p: fresh[i] for p, i in vocab.items() if i in fresh}
    for token in facts["added_tokens"]:
        token["id"] = fresh[token["id"]]
    facts["truncation"] = {
        "direction": "Right",
        "max_length": MOST_TOKENS,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    facts["padding"] = None
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")), kept
