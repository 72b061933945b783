"""Where scored parts are kept: one interface to a folder of Parquet files and to the database."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from models.abstention import too_close
from models.estimators import CLASSES
from risk_service.archive.part import Facts, Part, Scored

COLUMNS = (
    "row", "id", "text", "language", "scored", "p_thaw", "p_escalation", "p_neutral", "severity",
    "direction", "abstains", "directness", "relevance",
)  # fmt: skip


class Shelf(Protocol):
    """Keeps each part whole or not at all."""

    def held(self, source: str, number: int) -> Facts | None:
        """What is kept of a part; None where nothing is, or it is not whole."""

    def put(self, part: Part, scored: Scored, facts: Facts) -> None:
        """Keep a part and its rows set aside, in place of what was kept of it before."""

    def finish(self, source: str, parts: int) -> tuple[int, int]:
        """Forget parts beyond ``parts``, and count again: rows kept and rows set aside."""


def columns_of(part: Part, scored: Scored) -> dict[str, list[Any]]:
    """``COLUMNS`` of a part; of a text that was not scored all numbers are None."""
    known = scored.is_scored
    best = np.where(known[:, None], scored.probabilities, 0).argmax(axis=1)
    close = too_close(scored.probabilities)
    numbers = [*scored.probabilities.T, scored.severity]
    thaw, escalation, neutral, severity = (
        [None if np.isnan(x) else float(x) for x in column] for column in numbers
    )
    values = (
        list(part.rows), list(part.ids), list(part.texts), list(scored.languages), known.tolist(),
        thaw, escalation, neutral, severity,
        [CLASSES[i] if is_known else None for i, is_known in zip(best, known, strict=True)],
        [bool(c) if is_known else None for c, is_known in zip(close, known, strict=True)],
        list(scored.directness), scored.relevance.tolist(),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
