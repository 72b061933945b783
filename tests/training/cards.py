"""A card for the tests of pages, which needs nothing else."""

from __future__ import annotations

from models.card import Card, Figure

CARD = Card(
    name="fast", version="fast-1", created="2026-01-31", intended_use="tests of <b>pages</b>",
    limits=("English & only",), label_guide="thaw or not", data_sha256="d" * 64,
    counts={"rows": 90}, metrics={"macro_f1": Figure(0.71, 0.65, 0.77)},
    parameters={"temperature": 1.2}, libraries={"numpy": "2"}, python="3.11", seed=3,
    sha256="a" * 64, measured_on="90 texts", confusion=((20, 5, 5), (3, 25, 2), (1, 2, 27)),
    reliability=((0.45, 0.4, 30), (0.85, 0.9, 60)),
)  # fmt: skip
