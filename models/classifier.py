"""The classifier the service uses: texts in, probabilities, severity and reasons out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.card import Card
from models.estimators import NEUTRAL, calibrated
from models.text import parts_of

Floats = npt.NDArray[np.float64]
LEAST_SAY = 1e-9
UNTELLING = frozenset(
    "a an and are as at be been both but by can for from had has have he her his i in is it its "
    "may of on or our she so than that the their them there these they this those to was we were "
    "which while who will with would you 0".split()
)
"""Words an explanation leaves out: they move the model a little, by style, and tell nobody why."""


@dataclass(frozen=True, slots=True)
class Scores:
    """``probabilities`` (n, 3): thaw, escalation, neutral, rows sum to 1; ``severity`` (n,) 1–3.

    Severity is the expected intensity should the text not be neutral: 1 words, 2 a diplomatic or
    economic act, 3 force or its end.
    """

    probabilities: Floats
    severity: Floats


@dataclass(frozen=True, slots=True)
class Contribution:
    """A word in normal form and what it adds to ln(p_escalation / p_thaw)."""

    word: str
    weight: float


class Model(Protocol):
    """What a classifier is made of: the fast model or the accurate one."""

    @property
    def temperature(self) -> float:
        """What logits are divided by."""

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits (n, 3), before the temperature, and severity (n,) within 1–3."""

    def contributions(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text, its words in order and what each adds to ln(p_escalation / p_thaw)."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A fitted model and its card.

    A text of more than 400 characters or two sentences is read sentence by sentence: its
    probabilities and severity are means over the sentences, each weighing 1 − p_neutral, so that
    sentences of mere background hardly count.
    """

    model: Model
    card: Card

    @property
    def version(self) -> str:
        """Name of the artifact."""
        return self.card.version

    def score(self, texts: Sequence[str]) -> Scores:
        """Score texts, in order; an empty sequence gives empty arrays.

        A text without any known word gets the model's base rates.

        Raises
        ------
        ValueError
            When one string is given in place of a sequence.
        """
        parts, starts = _parts(texts)
        if not texts:
            return Scores(np.zeros((0, 3)), np.zeros(0))
        probabilities, severity = self._read(parts)
        if len(parts) > len(texts):
            say = _say(probabilities)
            total = np.add.reduceat(say, starts)
            probabilities = np.add.reduceat(probabilities * say[:, None], starts) / total[:, None]
            severity = np.add.reduceat(severity * say, starts) / total
        return Scores(probabilities, severity)

    def explain(self, texts: Sequence[str], top: int = 6) -> list[list[Contribution]]:
        """The ``top`` words of each text by absolute weight, + towards escalation, − thaw.

        A word that occurs several times is named once with its sum; in a long text a sentence's
        words weigh with the sentence. Articles, pronouns and the like are left out.
        """
        parts, starts = _parts(texts)
        if not texts:
            return []
        told = self.model.contributions(parts)
        say = _say(self._read(parts)[0])
        weights = say / np.repeat(np.add.reduceat(say, starts), np.diff([*starts, len(parts)]))
        sums: list[defaultdict[str, float]] = [defaultdict(float) for _ in texts]
        owners = np.repeat(np.arange(len(texts)), np.diff([*starts, len(parts)]))
        for owner, words, weight in zip(owners, told, weights.tolist(), strict=True):
            for word, share in words:
                sums[owner][word] += share * weight
        return [_strongest(of_text, top) for of_text in sums]

    def _read(self, parts: Sequence[str]) -> tuple[Floats, Floats]:
        logits, severity = self.model.read(parts)
        return calibrated(logits, self.model.temperature), severity


def _strongest(sums: Mapping[str, float], top: int) -> list[Contribution]:
    telling = [pair for pair in sums.items() if pair[0][0].isalnum() and pair[0] not in UNTELLING]
    telling.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    return [Contribution(word, weight) for word, weight in telling[:top]]


def _parts(texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The parts of all texts in a row, and where each text's parts start."""
    if isinstance(texts, str):
        raise ValueError("texts: a sequence of texts is wanted, not one text")
    split = [parts_of(text) for text in texts]
    starts = np.cumsum([0, *map(len, split)])[:-1]
    return [part for parts in split for part in parts], starts


def _say(probabilities: Floats) -> Floats:
    return np.maximum(1 - probabilities[:, NEUTRAL], LEAST_SAY)
