"""``/v1/score``: what the model makes of texts, without keeping them."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.responses import Response

from models.abstention import abstains
from models.text import language_of
from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.filters import DIRECTIONS
from risk_service.api.formats import json_response
from risk_service.api.schemas.score import ScoreIn, ScoresOut
from risk_service.core.dyads import Gazetteer
from risk_service.core.relevance import relevance_of
from risk_service.scoring import SCORED_LANGUAGES, TOP_WORDS
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/score", tags=["score"])


_DIGITS = 6


@router.post("", response_model=ScoresOut, summary="Score texts")
def post_score(parts: PartsDep, dyad: DyadDep, body: ScoreIn) -> Response:
    """Direction, severity, relevance and telling words of each text, in order.

    Texts in another language than English are not guessed at: ``scored`` is false. Nothing is
    kept. Scores are given whether or not a text is about the dyad; ``relevance`` tells.

    One text that is empty or too long refuses the whole request, so that an answer always has a
    result for every text: the problem (422) names each such place, ``texts[3]`` being the fourth.
    """
    classifier, gazetteer = parts.champion.classifier, parts.gazetteer(dyad)
    languages = [language_of(text) for text in body.texts]
    read = [i for i, found in enumerate(languages) if found is None or found in SCORED_LANGUAGES]
    texts = [body.texts[i] for i in read]
    scores, words = classifier.score(texts), classifier.explain(texts, TOP_WORDS)
    told = {
        i: _score(scores.probabilities[n], float(scores.severity[n]), words[n])
        for n, i in enumerate(read)
    }
    results = [
        {
            "scored": i in told,
            "language": language,
            **told.get(i, _UNSCORED),
            "relevance": _relevance(text, gazetteer),
        }
        for i, (text, language) in enumerate(zip(body.texts, languages, strict=True))
    ]
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
    return json_response({"model_version": classifier.version, "results": results, **about})


_UNSCORED: Row = {
    "p_thaw": None, "p_escalation": None, "p_neutral": None, "direction": None, "abstains": None,
    "severity": None, "contributions": [],
}  # fmt: skip


def _score(probabilities: Any, severity: float, words: Any) -> Row:
    thaw, escalation, neutral = (round(float(p), _DIGITS) for p in probabilities)
    return {
        "p_thaw": thaw,
        "p_escalation": escalation,
        "p_neutral": neutral,
        "direction": DIRECTIONS[int(np.argmax(probabilities))],
        "abstains": abstains(probabilities),
        "severity": round(severity, _DIGITS),
        "contributions": [
            {"word": word.word, "weight": round(float(word.weight), _DIGITS)} for word in words
        ],
    }


def _relevance(text: str, gazetteer: Gazetteer) -> Row:
    found = relevance_of(text, gazetteer)
    return {
        "dyad": gazetteer.name,
        "directness": found.directness,
        "weight": found.weight,
        "theme": found.theme,
    }
