"""Who reads the texts of a part, wherever it runs: a model that travels as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from models.abstention import MARGIN
from models.card import Card
from models.classifier import Classifier, Model
from models.encoder import EncoderModel
from models.registry import OPENERS, BadArtifact, read_card, read_model_file
from models.text import language_of
from risk_service.archive.part import Scored
from risk_service.core.dyads import Gazetteer
from risk_service.core.relevance import relevance_of
from risk_service.errors import NoModel
from risk_service.scoring import SCORED_LANGUAGES

FORMAT = "1"
"""Raised when the same texts and model come to other columns or values than before."""
DECIMALS = 6

_open: dict[str, Classifier] = {}
_opening = Lock()


@dataclass(frozen=True)
class Reader:
    """A model as its card and its file's bytes, and the dyad whose relevance is told."""

    card: str
    content: bytes
    gazetteer: Gazetteer
    version: str

    @property
    def made_with(self) -> str:
        """All that the scores come of besides the texts."""
        about = f"{self.gazetteer.name}@{self.gazetteer.version}"
        return f"{FORMAT} {self.version} {Card.from_json(self.card).sha256} {about} {MARGIN}"


def read_by(version: str, root: Path | None, gazetteer: Gazetteer) -> Reader:
    """A reader with the model of a version; its file is checked against its card.

    Raises
    ------
    NoModel
        When there is no such model, or it is damaged or of a kind that is not served.
    """
    try:
        card = read_card(version, root)
        if card.name not in OPENERS:
            raise NoModel(f"{version}: models of the kind {card.name!r} are not served")
        return Reader(card.to_json(), read_model_file(card, root), gazetteer, version)
    except BadArtifact as error:
        raise NoModel(str(error)) from error


def score_texts(reader: Reader, texts: Sequence[str], languages: Sequence[str | None]) -> Scored:
    """Score the texts of one part; one in another language than English, or in none that could be
    told, is not scored. Numbers are rounded to six decimals.
    """
    found = tuple(known or language_of(text) for text, known in zip(texts, languages, strict=True))
    read = [i for i, language in enumerate(found) if language in SCORED_LANGUAGES]
    probabilities, severity = np.full((len(texts), 3), np.nan), np.full(len(texts), np.nan)
    scores = _opened(reader).score([texts[i] for i in read])
    probabilities[read], severity[read] = scores.probabilities, scores.severity
    about = [relevance_of(text, reader.gazetteer) for text in texts]
    return Scored(
        found,
        np.round(probabilities, DECIMALS),
        np.round(severity, DECIMALS),
        tuple(one.directness for one in about),
        np.array([one.weight for one in about], np.float64),
    )


def _opened(reader: Reader) -> Classifier:
    """The open model, opened once a process; its hash is checked again where it has arrived."""
    with _opening:
        if reader.version not in _open:
            card = Card.from_json(reader.card)
            if hashlib.sha256(reader.content).hexdigest() != card.sha256:
                raise NoModel(f"{reader.version}: arrived damaged")
            _open.clear()
            _open[reader.version] = Classifier(_model(card.name, reader.content), card)
        return _open[reader.version]


def _model(name: str, content: bytes) -> Model:
    # One thread a reading: there are as many readers as cores.
    if name == "accurate":
        return EncoderModel.open(content, threads=1)
    return OPENERS[name][1](content)
