"""Word vectors: words of like use lie near one another, so a model can read words it never met.

Pennington, Socher and Manning (2014), GloVe; the weighted mean of Arora, Liang and Ma (2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.preprocessing import normalize

SMOOTHING = 1e-3
# Zipf's law: the word of rank r makes up about 0.02 / (r + 10) of these vectors' text, as weighed
# here; chosen among 0.02, 0.1 and 0.5 by cross-validation on the corpus.
ZIPF = 0.02


@dataclass(frozen=True)
class WordVectors:
    """Vectors in eight bits: ``codes[i] × scales[i]`` is the vector of ``words[i]``.

    ``ranks`` are the places of the words by frequency in general English, 0 the most frequent.
    """

    words: tuple[str, ...]
    ranks: npt.NDArray[np.int32]
    codes: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    index: dict[str, int] = field(init=False, repr=False, compare=False)
    table: npt.NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not len(self.words) == len(self.ranks) == len(self.codes) == len(self.scales):
            raise ValueError("words: not as many as vectors")
        frequency = ZIPF / (self.ranks.astype(np.float64) + 10)
        weight = SMOOTHING / (SMOOTHING + frequency)
        table = self.codes * self.scales.reshape(-1, 1) * weight[:, None]
        object.__setattr__(self, "table", table.astype(np.float32))
        object.__setattr__(self, "index", {word: i for i, word in enumerate(self.words)})

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.codes.shape[1])

    def mean(self, tokens: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """(n, dimensions): mean vector of each text, rare words weighing more; length 1, or 0."""
        means: npt.NDArray[np.float32] = normalize(self._sums(tokens))
        return means

    def shares(
        self, tokens: Sequence[Sequence[str]], weights: npt.NDArray[np.floating]
    ) -> list[npt.NDArray[np.floating]]:
        """What each word adds to ``mean(tokens) @ weights``; 0 for a word without a vector."""
        lengths = np.linalg.norm(self._sums(tokens), axis=1).tolist()
        values = (self.table @ weights).tolist()
        index = self.index
        return [
            np.array([values[index[word]] / length if word in index else 0.0 for word in text])
            if length > 0
            else np.zeros(len(text))
            for text, length in zip(tokens, lengths, strict=True)
        ]

    def _sums(self, tokens: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        index = self.index
        rows = [[index[word] for word in text if word in index] for text in tokens]
        ends = np.cumsum([0, *map(len, rows)])
        flat = np.array([row for text in rows for row in text], dtype=np.int32)
        shape = (len(rows), len(self.words))
        counts = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=shape)
        sums: npt.NDArray[np.float32] = counts @ self.table
        return sums
