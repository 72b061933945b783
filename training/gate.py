"""The gate that a model passes to become champion, and why it does not."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from training.examine import Exam

GATE = Path(__file__).with_name("gate.toml")


@dataclass(frozen=True)
class PromotionGate:
    """What is asked of a new model; see ``gate.toml``. ``labels`` is None for the minimal pairs."""

    labels: Path | None
    least_macro_f1_difference: float
    most_ece: float
    most_ece_rise: float
    least_pair_accuracy: float
    least_texts_per_second: float


@dataclass(frozen=True)
class Check:
    """One thing asked: what was ``found``, and its ``limit``, ``at`` "least" or "most"."""

    name: str
    found: float
    at: str
    limit: float
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """All that was asked, and whether all of it was met."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check was passed."""
        return all(check.passed for check in self.checks)

    @property
    def complaints(self) -> tuple[str, ...]:
        """What was not met, in words."""
        return tuple(_complaint(check) for check in self.checks if not check.passed)

    def as_row(self) -> dict[str, Any]:
        """Plain data."""
        checks = [asdict(check) for check in self.checks]
        return {"passed": self.passed, "checks": checks}


def read_gate(path: Path = GATE) -> PromotionGate:
    """Read a gate.

    Raises
    ------
    ValueError
        Naming the file and what in it is missing, unknown or no number.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    wanted = {field.name for field in fields(PromotionGate)}
    if set(told) != wanted:
        raise ValueError(
            f"{path.name}: missing or unknown: {', '.join(sorted(wanted ^ set(told)))}"
        )
    labels = told.pop("labels")
    wrong = [name for name, value in told.items() if type(value) not in (int, float)]
    if wrong or not isinstance(labels, str):
        raise ValueError(f"{path.name}: {', '.join(wrong) or 'labels'} is not what it should be")
    return PromotionGate(path.parent / labels if labels else None, **told)


def judge(gate: PromotionGate, candidate: Exam, champion: Exam | None) -> Verdict:
    """Whether a model may replace the champion; without one only what is absolute is asked."""
    return Verdict(tuple(_checks(gate, candidate, champion)))


def _checks(gate: PromotionGate, candidate: Exam, champion: Exam | None) -> Iterator[Check]:
    ece, speed = candidate.figures["ece"].value, candidate.texts_per_second
    if champion is not None:
        gain = _less(candidate, champion, "macro_f1")
        yield _at_least("macro-F1 over the champion's", gain, gate.least_macro_f1_difference)
        rise = _less(candidate, champion, "ece")
        yield _at_most("calibration error over the champion's", rise, gate.most_ece_rise)
    yield _at_most("calibration error", ece, gate.most_ece)
    yield _at_least("pair accuracy", candidate.pair_accuracy.value, gate.least_pair_accuracy)
    yield _at_least("texts a second", speed, gate.least_texts_per_second)


def _less(candidate: Exam, champion: Exam, name: str) -> float:
    return round(candidate.figures[name].value - champion.figures[name].value, 4)


def _at_least(name: str, found: float, limit: float) -> Check:
    return Check(name, found, "least", limit, found >= limit)


def _at_most(name: str, found: float, limit: float) -> Check:
    return Check(name, found, "most", limit, found <= limit)


def _complaint(check: Check) -> str:
    return f"{check.name} is {check.found}, at {check.at} {check.limit} is asked"
