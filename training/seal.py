"""A trained accurate model into an artifact: ``python -m training.seal MODEL.onnx FACTS.json``.

``FACTS.json`` holds what the card needs and no file can tell: created, counts, metrics (value, low,
high), parameters, data_sha256, measured_on, libraries, seed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models.card import INTENDED_USE, LABEL_GUIDE, LIMITS, Card, Figure
from models.encoder import EncoderModel
from models.registry import ARTIFACTS, promote, save

NAME = "accurate"


def card_of(content: bytes, facts: dict[str, object]) -> Card:
    """The card of a model file; ValueError or TypeError when a fact is missing or unknown."""
    model = EncoderModel.open(content)
    digest = hashlib.sha256(content).hexdigest()
    whole = {**facts, "metrics": {}, "limits": LIMITS}
    card = Card(
        name=NAME,
        version=f"{NAME}-{digest[:8]}",
        intended_use=INTENDED_USE,
        label_guide=LABEL_GUIDE,
        python=platform.python_version(),
        sha256=digest,
        **whole,  # type: ignore[arg-type]
    )
    metrics = dict(facts["metrics"])  # type: ignore[call-overload]
    return replace(
        card,
        metrics={name: Figure(**figure) for name, figure in metrics.items()},
        parameters={**card.parameters, "temperature": model.temperature},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the artifact, and name it champion where that is asked."""
    parser = argparse.ArgumentParser(prog="python -m training.seal", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("facts", type=Path)
    parser.add_argument("--out", type=Path, default=ARTIFACTS)
    parser.add_argument("--promote", action="store_true")
    told = parser.parse_args(arguments)
    content = told.model.read_bytes()
    card = card_of(content, json.loads(told.facts.read_text("utf-8")))
    save(card, content, told.out)
    if told.promote:
        promote(card.version, told.out)
    print(card.version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
