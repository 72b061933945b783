"""The model card: what an artifact is, was trained on, is good for, and how good it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

SCHEMA = 2

INTENDED_USE = (
    "Score English headlines, sentences and reports about relations between the United States and "
    "Russia, and where the two meet (Ukraine, NATO, the EU): thaw, escalation or neither."
)
LIMITS = (
    "English only. It reads words, not facts: a false report scores like a true one.",
    "It judges any text as if it were about US-Russia relations; relevance is decided elsewhere.",
    "Irony, negation over a distance and names it never met are its weak spots.",
    "Thaw is rare in news, 9 % of the real headlines at hand, and is what it reads worst.",
    "Explanations tell what moved the model, not what moved the two countries.",
)
LABEL_GUIDE_VERSION = "1"
"""Of docs/labelling-guide.md; raised when labels mean something else than before."""
LABEL_GUIDE = (
    "thaw: the newest reported act moves relations towards cooperation. escalation: towards "
    "conflict. neutral: neither, or two careful readers would split. Intensity 1 words or "
    "intentions, 2 a diplomatic or economic act, 3 force or its end."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval, ``low`` to ``high``."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Card:
    """Facts of an artifact.

    ``created`` is the day the data is of, not the day of the fit, so that a rebuild is identical;
    ``metrics`` are of texts unseen in the fit, ``measured_on`` says which; ``sha256`` is of
    ``model.skops``. ``data_sha256`` is of the corpus in our own words, ``public_sha256`` of the
    labels of real headlines whose texts were at hand, empty when there were none;
    ``label_file_sha256`` is of the whole file of such labels.

    Since schema 2: ``confusion[i][j]`` counts texts of class i taken for class j; ``reliability``
    has a bin a row, (mean confidence, share right, texts); ``estimator`` is where an own estimator
    came from, as ``package.module:factory``; ``git_commit`` the state of the code. Each may be
    empty.
    """

    name: str
    version: str
    created: str
    intended_use: str
    limits: tuple[str, ...]
    label_guide: str
    data_sha256: str
    counts: Mapping[str, int]
    metrics: Mapping[str, Figure]
    parameters: Mapping[str, float]
    libraries: Mapping[str, str]
    python: str
    seed: int
    sha256: str
    measured_on: str = ""
    public_sha256: str = ""
    label_file_sha256: str = ""
    label_guide_version: str = ""
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[tuple[float, float, int], ...] = ()
    estimator: str = ""
    git_commit: str = ""
    schema: int = SCHEMA

    def to_json(self) -> str:
        """JSON with sorted keys and a final line end."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read a card.

        Raises
        ------
        ValueError
            When the text is not a card, or one of a newer schema than this code knows.
        """
        try:
            facts = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"card: is not JSON ({error})") from None
        if not isinstance(facts, dict):
            raise ValueError("card: is not an object")
        return cls.of(facts)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Card:
        """A card from plain data, as a JSON object holds it.

        Raises
        ------
        ValueError
            When fields are missing, unknown or malformed, or the schema is newer than this code's.
        """
        facts = dict(told)
        schema = facts.get("schema")
        if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
            raise ValueError(f"card: schema {schema!r}, this version reads up to {SCHEMA}")
        known = {item.name for item in fields(cls)}
        needed = {item.name for item in fields(cls) if item.default is MISSING}
        if not needed <= set(facts) <= known:
            odd = sorted(needed - set(facts) | set(facts) - known)
            raise ValueError(f"card: fields missing or unknown: {', '.join(odd)}")
        try:
            facts["metrics"] = {name: Figure(**f) for name, f in facts["metrics"].items()}
            facts["limits"] = tuple(facts["limits"])
            for name in ("confusion", "reliability"):
                facts[name] = tuple(tuple(row) for row in facts.get(name, ()))
        except (TypeError, AttributeError) as error:
            raise ValueError(f"card: metrics or limits are malformed ({error})") from None
        return cls(**facts)
