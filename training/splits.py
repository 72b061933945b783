"""Folds whose copies stay together: near-duplicate texts are never on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold

from models.text import normalise

NEAR = 0.75
"""Cosine of letter 3- and 4-gram TF-IDF from which two texts count as copies of one another."""
_BLOCK = 500

Fold = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def duplicate_groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """(n,) group number of each text: chains of near-duplicates share one.

    Examples
    --------
    >>> duplicate_groups(["Talks end in Geneva", "Talks end in Geneva.", "Fire in Omsk"]).tolist()
    [0, 0, 1]
    """
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), dtype=np.float32)
    matrix = vectorizer.fit_transform([normalise(text) for text in texts])
    rows = []
    for start in range(0, matrix.shape[0], _BLOCK):
        near = matrix[start : start + _BLOCK] @ matrix.T
        near.data[near.data < NEAR] = 0
        near.eliminate_zeros()
        rows.append(near)
    _, groups = connected_components(sparse.vstack(rows), directed=False)
    return np.asarray(groups, dtype=np.int64)


def grouped_folds(
    groups: npt.NDArray[np.int64], directions: npt.NDArray[np.int64], count: int, seed: int
) -> list[Fold]:
    """``count`` pairs of row numbers (train, test); a group is never split, classes are even."""
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(groups)), directions, groups))
