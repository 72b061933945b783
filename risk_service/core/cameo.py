"""CAMEO codes: their Goldstein value, quad class, and the score of an event coded without text.

Codes and values: Gerner, Schrodt and Yilmaz (2012), *CAMEO codebook* 1.1b3; the scale is
Goldstein (1992), "A Conflict-Cooperation Scale for WEIS Events Data", J. Conflict Resolution 36.
Quad classes follow GDELT's codebook: roots 01–05 verbal cooperation, 06–08 material
cooperation, 09–13 verbal conflict, 14–20 material conflict.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# PLOVER's roots (Open Event Data Alliance, 2018) by the CAMEO root nearest to each.
PLOVER_ROOTS = {
    "AGREE": "03", "CONSULT": "04", "SUPPORT": "05", "CONCEDE": "08", "COOPERATE": "06",
    "AID": "07", "RETREAT": "087", "REQUEST": "10", "ACCUSE": "11", "REJECT": "12",
    "THREATEN": "13", "PROTEST": "14", "SANCTION": "16", "MOBILIZE": "15", "COERCE": "17",
    "ASSAULT": "19", "INVESTIGATE": "09",
}  # fmt: skip

# Which way events of a root go by the labelling guide, and how surely: +1 thaw, -1 escalation.
ROOT_DIRECTION = {
    "01": 0.0, "02": 0.0, "03": 0.8, "04": 0.8, "05": 0.8, "06": 0.9, "07": 0.9, "08": 0.9,
    "09": -0.2, "10": -0.6, "11": -0.8, "12": -0.8, "13": -0.9, "14": -0.6, "15": -0.9,
    "16": -0.9, "17": -0.9, "18": -0.95, "19": -0.95, "20": -0.95,
}  # fmt: skip
UNSURE_SHARE = 0.15
"""Of the certainty that is missing, the share each direction keeps; the rest is neutral."""


@dataclass(frozen=True, slots=True)
class CodeScore:
    """Probabilities (sum 1), severity 1–3, of an event scored from its code and Goldstein value."""

    p_thaw: float
    p_escalation: float
    p_neutral: float
    severity: float


@cache
def goldstein_by_code() -> dict[str, float]:
    """Goldstein value of every CAMEO code, read once from the bundled table."""
    table = files("risk_service.core").joinpath("cameo.csv").read_text("utf-8")
    return {row["code"]: float(row["goldstein"]) for row in csv.DictReader(table.splitlines())}


def normal_code(code: str | None) -> str | None:
    """A CAMEO code with its zeros back ("57" and "057" are one), or None where it is unknown.

    PLOVER roots become the nearest CAMEO root. Unknown four-digit codes fall to their parents.

    >>> normal_code("57"), normal_code("AGREE"), normal_code("0579"), normal_code("99")
    ('057', '03', '057', None)
    """
    if code is None:
        return None
    known = goldstein_by_code()
    code = PLOVER_ROOTS.get(code, code)
    # A code without its zero ("57", "40", "831") is read with it; "19" and "190" stand as they are.
    for candidate in (code, f"0{code}"):
        if candidate in known and candidate[:2] <= "20":
            return candidate
    return next((code[:n] for n in range(len(code) - 1, 1, -1) if code[:n] in known), None)


def quad_class(code: str | None) -> int | None:
    """1–4 as in GDELT's codebook, None for an unknown code.

    >>> quad_class("057"), quad_class("190"), quad_class(None)
    (1, 4, None)
    """
    known = normal_code(code)
    if known is None:
        return None
    root = int(known[:2])
    return 1 if root <= 5 else 2 if root <= 8 else 3 if root <= 13 else 4


def score_from_code(code: str | None, goldstein: float | None) -> CodeScore | None:
    """Score an event from its code and Goldstein value; None where it has neither.

    The code's root gives the direction by the labelling guide (talks held are a thaw, demands an
    escalation, statements neither), with the certainty of ``ROOT_DIRECTION``; what is left over is
    mostly neutral. Without a known code the Goldstein value does: tanh(g/4). Severity is
    1 + |g|/5, with the event's own Goldstein value before its code's, at most 3.

    >>> score = score_from_code("057", None)      # sign formal agreement, Goldstein +8
    >>> round(score.p_thaw, 2), round(score.severity, 1)
    (0.83, 2.6)
    >>> score_from_code(None, -10.0).p_escalation > 0.9
    True
    """
    known = normal_code(code)
    if goldstein is None or math.isnan(goldstein):
        if known is None:
            return None
        goldstein = goldstein_by_code()[known]
    direction = ROOT_DIRECTION[known[:2]] if known else math.tanh(goldstein / 4)
    unsure = (1 - abs(direction)) * UNSURE_SHARE
    thaw, escalation = max(direction, 0.0) + unsure, max(-direction, 0.0) + unsure
    return CodeScore(
        thaw, escalation, 1 - thaw - escalation, severity=min(3.0, 1 + abs(goldstein) / 5)
    )
