"""Every matrix of a trained network rounded, block after block, by what goes through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from training.accurate.network import Block, Reader
from training.accurate.rounding import Rounded, compensated

Batch = tuple[torch.Tensor, torch.Tensor]
"""Token numbers and mask, (n, t) each."""
MATRICES = ("q", "k", "v", "o", "up", "down")


def rounded_blocks(reader: Reader, batches: Iterable[Batch], steps: float) -> dict[str, Rounded]:
    """The matrices of all blocks by the name of their weight; the reader's own are replaced.

    What goes through a block is what the rounded blocks below it give.
    """
    reader.eval()
    found = {}
    with torch.no_grad():
        waves = [Wave(mask.bool(), *reader.first_states(ids, mask)) for ids, mask in batches]
        for number, block in enumerate(reader.blocks):
            seen = _second_moments(block, waves)
            for name in MATRICES:
                layer = getattr(block, name)
                matrix = np.ascontiguousarray(layer.weight.float().numpy().T)
                numbers, scale = compensated(matrix, steps, seen[name])
                layer.weight.data = torch.from_numpy(np.ascontiguousarray((numbers * scale).T))
                found[f"blocks.{number}.{name}.weight"] = numbers, scale
            waves = [Wave(one.mask, block(one.x, one.bias), one.bias) for one in waves]
    return found


@dataclass(frozen=True, slots=True)
class Wave:
    """A batch on its way: mask (n, t), states (n, t, 768) and attention's bias (n, 12, t, t)."""

    mask: torch.Tensor
    x: torch.Tensor
    bias: torch.Tensor


def _second_moments(block: Block, waves: list[Wave]) -> dict[str, npt.NDArray[np.float64]]:
    """X'X of the inputs of each matrix of a block, of tokens that are no padding."""
    told: dict[str, npt.NDArray[np.float64]] = {}
    for name in ("q", "o", "up", "down"):
        width = getattr(block, name).in_features
        told[name] = np.zeros((width, width))
    mask = waves[0].mask

    def listen(name: str) -> torch.utils.hooks.RemovableHandle:
        def heard(_: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            x = given[0][mask]
            told[name] += (x.T @ x).double().numpy()

        return getattr(block, name).register_forward_pre_hook(heard)

    handles = [listen(name) for name in told]
    for wave in waves:
        mask = wave.mask
        block(wave.x, wave.bias)
    for handle in handles:
        handle.remove()
    return {**told, "k": told["q"], "v": told["q"]}
