"""The network that is trained: the lower layers of MPNet (Song et al. 2020), and two linear heads.

Written out, so that what ``graph`` writes as ONNX is the same arithmetic line by line.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from training.accurate.vocabulary import MOST_TOKENS

WIDTH, HEADS, INNER = 768, 12, 3072
BUCKETS, FARTHEST = 32, 128
PLACES = 66
"""Places kept: 64 tokens, numbered from 2."""
EPSILON = 1e-5
PAD = 1


def buckets() -> torch.Tensor:
    """(64, 64) bucket of every distance from query to key: exact when near, by logarithm afar."""
    places = torch.arange(MOST_TOKENS)
    distance = places[:, None] - places[None, :]
    half, exact = BUCKETS // 2, BUCKETS // 4
    far = exact + (
        torch.log(distance.abs().clamp(min=1).float() / exact)
        / math.log(FARTHEST / exact)
        * (half - exact)
    ).long().clamp(max=half - exact - 1)
    size = torch.where(distance.abs() < exact, distance.abs(), far)
    return size + half * (distance < 0).long()


class Block(nn.Module):  # type: ignore[misc]
    """Self-attention with a shared bias by distance, then a feed-forward part."""

    def __init__(self, drop: float) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm1, self.norm2 = (nn.LayerNorm(WIDTH, EPSILON) for _ in range(2))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.drop = nn.Dropout(drop)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """(n, t, 768) to the same; ``bias`` (n, 12, t, t) is added to the scores."""
        n, t, _ = x.shape
        q, k, v = (
            part(x).view(n, t, HEADS, -1).transpose(1, 2) for part in (self.q, self.k, self.v)
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS) + bias
        mixed = self.drop(scores.softmax(-1)) @ v
        x = self.norm1(x + self.drop(self.o(mixed.transpose(1, 2).reshape(n, t, WIDTH))))
        return self.norm2(x + self.drop(self.down(nn.functional.gelu(self.up(x)))))


class Reader(nn.Module):  # type: ignore[misc]
    """Token numbers (n, t) and mask to logits (n, 3) of thaw, escalation, neutral, and severity."""

    def __init__(self, words: int, layers: int, drop: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH, padding_idx=PAD)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.bias = nn.Embedding(BUCKETS, HEADS)
        self.blocks = nn.ModuleList(Block(drop) for _ in range(layers))
        self.direction, self.severity = nn.Linear(WIDTH, 3), nn.Linear(WIDTH, 1)
        self.drop = nn.Dropout(drop)
        self.register_buffer("buckets", buckets(), persistent=False)

    def first_states(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the first block is given: states (n, t, 768) and attention's bias (n, 12, t, t)."""
        places = mask.cumsum(1) * mask + PAD
        x = self.drop(self.norm(self.words(ids) + self.places(places)))
        t = ids.shape[1]
        near = self.bias(self.buckets[:t, :t]).permute(2, 0, 1)[None]
        return x, near + (1.0 - mask[:, None, None, :].float()) * -1e4

    def last_states(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(n, t, 768) of the tokens' last states."""
        x, bias = self.first_states(ids, mask)
        for block in self.blocks:
            x = block(x, bias)
        return x

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, 3) and severity (n,), linear in the mean of the tokens' last states."""
        weight = mask[:, :, None].float()
        mean = (self.last_states(ids, mask) * weight).sum(1) / weight.sum(1)
        mean = self.drop(mean.float())
        return self.direction(mean), self.severity(mean)[:, 0]


_NAMES = {
    "attention.attn.": "",
    "attention.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


def pretrained(folder: Path, kept: list[int], layers: int) -> Reader:
    """A reader that begins from the published weights: rows ``kept`` of the word table."""
    given: dict[str, Any] = load_file(folder / "model.safetensors")
    told = {
        "words.weight": given["embeddings.word_embeddings.weight"][kept],
        "places.weight": given["embeddings.position_embeddings.weight"][:PLACES],
        "norm.weight": given["embeddings.LayerNorm.weight"],
        "norm.bias": given["embeddings.LayerNorm.bias"],
        "bias.weight": given["encoder.relative_attention_bias.weight"],
    }
    for name, value in given.items():
        if name.startswith("encoder.layer."):
            number, _, rest = name.removeprefix("encoder.layer.").partition(".")
            for theirs, ours in _NAMES.items():
                rest = rest.replace(theirs, ours)
            if int(number) < layers:
                told[f"blocks.{number}.{rest}"] = value
    reader = Reader(len(kept), layers)
    missing, unknown = reader.load_state_dict(told, strict=False)
    if unknown or any(not name.startswith(("direction", "severity")) for name in missing):
        raise ValueError(f"weights: lacking {missing}, unknown {unknown}")
    return reader
