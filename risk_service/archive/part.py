"""A partition of an archive: what is sent to be scored, what comes back, and what is told of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from risk_service.feeds.contract import BadRow

UNKNOWN = "unknown"
"""What a language that could not be told is counted under."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one source, in order, and those that could not be read.

    ``rows`` are positions in the source, from 1; ``ids`` what the source itself calls the rows,
    None where it does not; ``languages`` what it says of them. ``bad`` has position and row.
    """

    source: str
    number: int
    rows: tuple[int, ...]
    ids: tuple[str | None, ...]
    texts: tuple[str, ...]
    languages: tuple[str | None, ...]
    bad: tuple[tuple[int, BadRow], ...] = ()

    @property
    def read(self) -> int:
        """Rows of the source that are in it, good or bad."""
        return len(self.rows) + len(self.bad)

    def sha256(self, made_with: str) -> str:
        """SHA-256 in hex of all that the scores come of: the rows, and what they are made with."""
        bad = [(row, one.key) for row, one in self.bad]
        said = [made_with, self.rows, self.ids, self.texts, self.languages, bad]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class Scored:
    """What was made of the texts of a part, in order.

    ``probabilities`` (n, 3) of thaw, escalation, neutral and ``severity`` (n,) 1–3 are NaN where a
    text is in a language that is not scored; ``languages`` are those found, None where none could
    be told; ``directness`` and ``relevance`` (0–1) are of the dyad asked about.
    """

    languages: tuple[str | None, ...]
    probabilities: npt.NDArray[np.float64]
    severity: npt.NDArray[np.float64]
    directness: tuple[str, ...]
    relevance: npt.NDArray[np.float64]

    @property
    def is_scored(self) -> npt.NDArray[np.bool_]:
        """Which of the texts were scored, (n,)."""
        return ~np.isnan(self.severity)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept with a part: of which rows it is, and how many of them came to what.

    ``unscored`` counts the texts that were not scored, by language.
    """

    number: int
    input_sha256: str
    rows: int
    scored: int
    bad: int
    unscored: dict[str, int]

    @classmethod
    def of(cls, part: Part, scored: Scored, made_with: str) -> Facts:
        """Count a part that was scored.

        Raises
        ------
        ValueError
            When there are not as many scores as texts: a text would be lost.
        """
        lengths = {len(part.rows), len(scored.languages), len(scored.probabilities)}
        if lengths != {len(scored.severity)}:
            raise ValueError(f"{part.source}, part {part.number}: scores do not match the texts")
        left = np.flatnonzero(~scored.is_scored)
        return cls(
            part.number,
            part.sha256(made_with),
            len(part.rows),
            int(scored.is_scored.sum()),
            len(part.bad),
            languages_of([scored.languages[i] for i in left]),
        )

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Facts:
        """As ``dataclasses.asdict`` gave it; TypeError for anything else."""
        return cls(**plain)


def languages_of(found: Sequence[str | None]) -> dict[str, int]:
    """How often each language occurs, the commonest first."""
    return dict(Counter(language or UNKNOWN for language in found).most_common())
