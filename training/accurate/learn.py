"""Fine-tuning: one pass after another over the texts, with a rate that falls to zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import nn

from training.accurate.batches import Rows, order, places, twins_of
from training.accurate.network import PAD, Reader
from training.labels import direction_numbers

Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is trained; a layer learns ``decay`` times as fast as the one above it.

    ``apart`` weighs what keeps the two texts of a minimal pair apart (see ``_apart``).
    """

    layers: int = 8
    epochs: float = 2.5
    batch: int = 32
    rate: float = 6e-5
    head_rate: float = 1e-3
    decay: float = 0.85
    warm: float = 0.06
    smoothing: float = 0.05
    severity: float = 0.2
    frozen: int = 2
    averaged: float = 0.25
    apart: float = 0.5
    seed: int = 7


def batch_of(tokenizer: Tokenizer, texts: Sequence[str]) -> Batch:
    """Token numbers and mask, both (n, t) int64."""
    encodings = tokenizer.encode_batch(list(texts))
    longest = max(len(encoding.ids) for encoding in encodings)
    ids = torch.full((len(texts), longest), PAD)
    mask = torch.zeros((len(texts), longest), dtype=torch.int64)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def fine_tune(
    reader: Reader, tokenizer: Tokenizer, rows: pd.DataFrame, how: Settings
) -> Iterator[int]:
    """Train in place, yielding the number of steps done every hundred; at the end the weights are
    the mean over the last quarter of the steps (Izmailov et al. 2018)."""
    torch.manual_seed(how.seed)
    truth = torch.from_numpy(direction_numbers(rows))
    intensity = torch.tensor(rows["intensity"].to_numpy(np.float32))
    weight = torch.tensor(rows["weight"].to_numpy(np.float32))
    lengths = np.array([len(text) for text in rows["text"]], np.int64)
    twins = twins_of(rows["pair"])
    steps = int(how.epochs * -(-len(rows) // how.batch))
    optimizer = torch.optim.AdamW(_groups(reader, how), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps, how.warm))
    mean = torch.optim.swa_utils.AveragedModel(reader)
    reader.train()
    for step, chosen in enumerate(_passes(lengths, twins, how, steps)):
        ids, mask = batch_of(tokenizer, rows["text"].to_numpy()[chosen].tolist())
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, severity = reader(ids, mask)
        loss = _loss(
            logits.float(), severity.float(), truth[chosen], intensity[chosen], weight[chosen], how
        ) + how.apart * _apart(
            logits.float(), truth[chosen], torch.from_numpy(places(chosen, twins))
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        rate.step()
        if step >= steps * (1 - how.averaged) and step % 10 == 0:
            mean.update_parameters(reader)
        if step % 100 == 99:
            yield step + 1
    reader.load_state_dict(mean.module.state_dict())
    yield steps


def read_logits(
    reader: Reader, tokenizer: Tokenizer, texts: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Logits (n, 3) and severity (n,) in full precision."""
    reader.eval()
    logits, severity = np.zeros((len(texts), 3)), np.zeros(len(texts))
    lengths = np.array([len(text) for text in texts])
    with torch.no_grad():
        for chosen in order(lengths, 32, 0):
            told = reader(*batch_of(tokenizer, [texts[i] for i in chosen]))
            logits[chosen], severity[chosen] = told[0].numpy(), told[1].numpy()
    return logits, severity


def _passes(lengths: Rows, twins: Rows, how: Settings, steps: int) -> Iterator[Rows]:
    done, number = 0, 0
    while True:
        for chosen in order(lengths, how.batch, how.seed + number, twins):
            if done == steps:
                return
            done += 1
            yield chosen
        number += 1


def _pace(step: int, steps: int, warm: float) -> float:
    begun = step / max(1, int(steps * warm))
    return min(1.0, begun, max(0.0, (steps - step) / (steps * (1 - warm))))


def _groups(reader: Reader, how: Settings) -> list[dict[str, object]]:
    for part in (
        reader.words,
        reader.places,
        reader.norm,
        reader.bias,
        *reader.blocks[: how.frozen],
    ):
        part.requires_grad_(False)
    groups: list[dict[str, object]] = [
        {
            "params": [*reader.direction.parameters(), *reader.severity.parameters()],
            "lr": how.head_rate,
        }
    ]
    for depth, block in enumerate(reversed(reader.blocks[how.frozen :])):
        groups.append({"params": list(block.parameters()), "lr": how.rate * how.decay**depth})
    return groups


def _loss(
    logits: torch.Tensor,
    severity: torch.Tensor,
    truth: torch.Tensor,
    intensity: torch.Tensor,
    weight: torch.Tensor,
    how: Settings,
) -> torch.Tensor:
    wrong = nn.functional.cross_entropy(
        logits, truth, reduction="none", label_smoothing=how.smoothing
    )
    off = torch.where(intensity.isnan(), 0.0, (severity - intensity.nan_to_num()) ** 2)
    return ((wrong + how.severity * off) * weight).sum() / weight.sum()


def _apart(logits: torch.Tensor, truth: torch.Tensor, twin: torch.Tensor) -> torch.Tensor:
    """Contrastive estimation over pairs (Dua et al. 2021, Learning with instance bundles): of the
    two texts, the label of one should be likelier there than in the other. Per row of the batch."""
    paired = twin >= 0
    if not paired.any():
        return logits.sum() * 0.0
    told = nn.functional.log_softmax(logits, dim=1)
    own = told[paired].gather(1, truth[paired, None])
    elsewhere = told[twin[paired]].gather(1, truth[paired, None])
    return nn.functional.softplus(elsewhere - own).sum() / len(logits)
