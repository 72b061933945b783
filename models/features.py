"""Texts to numbers: word runs and pairs, letter runs inside words, and the mean of word vectors.

Every feature belongs to words of the text, so a linear model's score can be folded back onto them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.preprocessing import normalize

from models.text import words_of
from models.vectors import WordVectors

Floats = npt.NDArray[np.floating]
LETTER_RUNS = (2, 3, 4, 5)
FARTHEST = 6
"""Words from the first to the second of a pair with others between."""
LONGEST_WORD = 30
CACHED_WORDS = 50_000


def word_runs(words: Sequence[str]) -> list[str]:
    """Runs of one to three words, then pairs with one to five words between.

    ``^`` and ``$`` mark the ends of the text in longer runs.

    Examples
    --------
    >>> word_runs(["talks", "fail"])[:4]
    ['talks', 'fail', '^ talks', 'talks fail']
    """
    runs = list(words)
    closed = ["^", *words, "$"]
    runs += [f"{a} {b}" for a, b in pairwise(closed)]
    runs += [f"{a} {b} {c}" for a, b, c in zip(closed, closed[1:], closed[2:], strict=False)]
    for gap in range(2, FARTHEST + 1):
        runs += [f"{a} ~ {b}" for a, b in zip(words, words[gap:], strict=False)]
    return runs


@lru_cache(maxsize=CACHED_WORDS)
def letter_runs(word: str) -> tuple[str, ...]:
    """Runs of two to five letters of a word with a blank at each end.

    Examples
    --------
    >>> letter_runs("ok")
    (' o', 'ok', 'k ', ' ok', 'ok ', ' ok ')
    """
    closed = f" {word[:LONGEST_WORD]} "
    return tuple(
        closed[start : start + length]
        for length in LETTER_RUNS
        for start in range(len(closed) - length + 1)
    )


@dataclass(frozen=True)
class Terms:
    """A vocabulary with inverse document frequencies: column ``i`` is ``names[i]``."""

    names: tuple[str, ...]
    idf: Floats
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {name: i for i, name in enumerate(self.names)})

    @classmethod
    def fit(cls, documents: Iterable[Iterable[str]], at_least: int) -> Terms:
        """Terms of at least ``at_least`` documents, in alphabetical order; smoothed idf."""
        seen: Counter[str] = Counter()
        total = 0
        for document in documents:
            seen.update(set(document))
            total += 1
        names = tuple(sorted(name for name, count in seen.items() if count >= at_least))
        counts = np.array([seen[name] for name in names], dtype=np.float64)
        return cls(names, (np.log((1 + total) / (1 + counts)) + 1).astype(np.float32))

    def weigh(self, columns: Sequence[Sequence[int]]) -> sparse.csr_matrix:
        """Rows of column numbers, with repeats, to (n, terms): (1 + ln count) × idf, norm 1."""
        ends = np.cumsum([0, *map(len, columns)], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=int(ends[-1]))
        shape = (len(columns), len(self.names))
        matrix = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=shape)
        matrix.sum_duplicates()
        matrix.data = (1 + np.log(matrix.data)) * self.idf[matrix.indices]
        return normalize(matrix, copy=False)


@dataclass(frozen=True)
class Features:
    """Three blocks of columns side by side: word runs, letter runs, word vectors."""

    words: Terms
    letters: Terms
    vectors: WordVectors
    _letters_of: Callable[[str], tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = self.letters.index

        @lru_cache(maxsize=CACHED_WORDS)
        def letters_of(word: str) -> tuple[int, ...]:
            return tuple(index[run] for run in letter_runs(word) if run in index)

        object.__setattr__(self, "_letters_of", letters_of)

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: WordVectors, at_least: int = 2) -> Features:
        """Learn the vocabularies from ``texts``: terms that at least ``at_least`` of them hold."""
        tokens = [words_of(text) for text in texts]
        return cls(
            Terms.fit(map(word_runs, tokens), at_least),
            Terms.fit((chain.from_iterable(map(letter_runs, row)) for row in tokens), at_least),
            vectors,
        )

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.words.names) + len(self.letters.names) + self.vectors.dimensions

    def blocks(
        self, tokens: Sequence[Sequence[str]]
    ) -> tuple[sparse.csr_matrix, sparse.csr_matrix, Floats]:
        """The three blocks of texts already cut into words, one row each, rows of norm 1 or 0."""
        index = self.words.index
        word_columns = [[index[run] for run in word_runs(row) if run in index] for row in tokens]
        letters_of = self._letters_of
        letter_columns = [list(chain.from_iterable(map(letters_of, row))) for row in tokens]
        return (
            self.words.weigh(word_columns),
            self.letters.weigh(letter_columns),
            self.vectors.mean(tokens),
        )

    def matrix(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """(n, width) matrix of the texts."""
        words, letters, means = self.blocks([words_of(text) for text in texts])
        return sparse.hstack([words, letters, sparse.csr_matrix(means)], format="csr")

    def project(self, tokens: Sequence[Sequence[str]], coefficients: Floats) -> Floats:
        """Same as ``matrix(...) @ coefficients`` (width, k), without building the matrix."""
        words, letters, means = self.blocks(tokens)
        cut = len(self.words.names)
        end = cut + len(self.letters.names)
        product: Floats = (
            words @ coefficients[:cut]
            + letters @ coefficients[cut:end]
            + means @ coefficients[end:]
        )
        return product

    def contributions(self, tokens: Sequence[Sequence[str]], weights: Floats) -> list[Floats]:
        """Share of each word of each text in ``project(tokens, weights)``; they sum to it.

        A run of words is shared equally by its words; a letter run that occurs several times by
        the words it occurs in.
        """
        words, letters, _ = self.blocks(tokens)
        cut = len(self.words.names)
        end = cut + len(self.letters.names)
        shares: list[Floats] = self.vectors.shares(tokens, weights[end:])
        of_words = _values(words, weights[:cut])
        of_letters = _values(letters, weights[cut:end])
        for row, text in enumerate(tokens):
            self._fold_words(text, of_words[row], shares[row])
            self._fold_letters(text, of_letters[row], shares[row])
        return shares

    def _fold_words(self, tokens: Sequence[str], value: dict[int, float], shares: Floats) -> None:
        places: dict[int, list[list[int]]] = {}
        for spots, run in zip(_run_spots(len(tokens)), word_runs(tokens), strict=True):
            column = self.words.index.get(run)
            if column is not None:
                places.setdefault(column, []).append(spots)
        for column, runs in places.items():
            for spots in runs:
                for spot in spots:
                    shares[spot] += value[column] / len(runs) / len(spots)

    def _fold_letters(self, tokens: Sequence[str], value: dict[int, float], shares: Floats) -> None:
        columns = [self._letters_of(word) for word in tokens]
        times = Counter(chain.from_iterable(columns))
        for spot, found in enumerate(columns):
            shares[spot] += sum(value[column] / times[column] for column in found)


def _run_spots(count: int) -> list[list[int]]:
    """Places of the words in each of ``word_runs`` of ``count`` words, in the same order."""
    spots = [[spot] for spot in range(count)]
    for length in (2, 3):
        for start in range(-1, count + 2 - length):
            run = range(start, start + length)
            spots.append([spot for spot in run if 0 <= spot < count])
    for gap in range(2, FARTHEST + 1):
        spots += [[spot, spot + gap] for spot in range(count - gap)]
    return spots


def _values(matrix: sparse.csr_matrix, weights: Floats) -> list[dict[int, float]]:
    """For each row, column number to value × weight."""
    products = (matrix.data * weights[matrix.indices]).tolist()
    columns, ends = matrix.indices.tolist(), matrix.indptr.tolist()
    return [
        dict(zip(columns[start:end], products[start:end], strict=True))
        for start, end in pairwise(ends)
    ]
