"""An event to its score: from its text by the classifier, from its code, or from both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models.classifier import Classifier
from risk_service.core.cameo import CodeScore, quad_class, score_from_code
from risk_service.core.events import Event
from risk_service.store.upsert import Row

SCORED_LANGUAGES = frozenset({"en"})
"""Languages the classifier was trained and measured on; other texts are never guessed at."""
TOP_WORDS = 6


@dataclass(frozen=True, slots=True)
class Score:
    """Calibrated probabilities (sum 1), severity 1–3, act 0–1 and what they rest on.

    ``basis`` is ``text``, ``code`` or ``text+code``; ``contributions`` are the words that moved a
    text, with positive weights towards escalation.
    """

    p_thaw: float
    p_escalation: float
    p_neutral: float
    severity: float
    act: float
    basis: str
    contributions: tuple[tuple[str, float], ...]

    def as_row(self) -> Row:
        """Columns of the table of scores."""
        return {
            "p_thaw": self.p_thaw,
            "p_escalation": self.p_escalation,
            "p_neutral": self.p_neutral,
            "severity": self.severity,
            "act": self.act,
            "basis": self.basis,
            "contributions": [list(pair) for pair in self.contributions],
        }


def score_events(
    classifier: Classifier,
    batch: Sequence[Event],
    mute: Collection[int] = (),
    explain: bool = True,
) -> list[Score | None]:
    """Score events in order; None where there is neither a text it can read nor a code.

    ``mute`` are positions in ``batch`` whose code does not tell of the relations asked about.

    ``language`` must be known by now: a text in another language, or in none that could be told,
    is not scored. Without ``explain`` the words are left for later (``telling_words``). Where
    text and code both speak, their probabilities are pooled by the geometric mean (Genest and
    Zidek 1986) and their severities by the mean.
    """
    readable = [i for i, event in enumerate(batch) if _readable(event)]
    texts = [batch[i].text for i in readable]
    read = classifier.score(texts)
    words = classifier.explain(texts, TOP_WORDS) if explain else [[]] * len(texts)
    by_text = {i: n for n, i in enumerate(readable)}
    scores: list[Score | None] = []
    for i, event in enumerate(batch):
        coded = None if i in mute else score_from_code(event.event_code, event.goldstein)
        n = by_text.get(i)
        if n is None:
            scores.append(_from_code(event, coded))
            continue
        told = tuple((word.word, round(word.weight, 4)) for word in words[n])
        scores.append(_from_text(read.probabilities[n], float(read.severity[n]), coded, told))
    return scores


@lru_cache(maxsize=4_096)
def telling_words(classifier: Classifier, text: str) -> tuple[tuple[str, float], ...]:
    """The words that moved one text, read closely; remembered, since drivers are shown again."""
    words = classifier.explain([text], TOP_WORDS)[0]
    return tuple((word.word, round(word.weight, 4)) for word in words)


def words_of_row(classifier: Classifier, row: Row) -> tuple[tuple[str, float], ...]:
    """The telling words of a row with ``text`` and ``basis``; none where no text was read."""
    read = row["basis"] is not None and row["basis"].startswith("text")
    return telling_words(classifier, row["text"]) if read else ()


def _readable(event: Event) -> bool:
    return bool(event.text) and event.language in SCORED_LANGUAGES


def _from_code(event: Event, coded: CodeScore | None) -> Score | None:
    if coded is None:
        return None
    quad = event.quad_class or quad_class(event.event_code)
    act = 1.0 if quad in (2, 4) else 0.0
    return Score(coded.p_thaw, coded.p_escalation, coded.p_neutral, coded.severity, act, "code", ())


def _from_text(
    probabilities: npt.NDArray[np.float64],
    severity: float,
    coded: CodeScore | None,
    words: tuple[tuple[str, float], ...],
) -> Score:
    basis = "text"
    if coded is not None:
        other = np.array([coded.p_thaw, coded.p_escalation, coded.p_neutral])
        pooled = np.sqrt(probabilities * other)
        probabilities = pooled / pooled.sum()
        severity = (severity + coded.severity) / 2
        basis = "text+code"
    thaw, escalation, neutral = (float(p) for p in probabilities)
    act = float(np.clip(severity - 1, 0, 1))
    return Score(thaw, escalation, neutral, severity, act, basis, words)
