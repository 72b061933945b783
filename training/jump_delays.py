"""How often do alert rules cry wolf, and how soon do they see a change?

``python -m training.jump_delays`` prints tables in markdown for docs/alerts.md: false alarms stated
and measured, by the day and by the hour, and delays on simulated index paths with a known change,
beside a plain z-score: at the same false alarms, and the false alarms at the same delay.
Seeded; nothing is read. The paths are no index: a first-order autoregression with the index's
seven-day half-life, a standard deviation of 10 points and residuals of Student's t with 4 degrees.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from risk_service.core.jumps import (
    DEFAULTS,
    DIRECTIONS,
    Jump,
    Known,
    Level,
    Rule,
    Timing,
    calibrate,
    false_alarms,
    fires,
    quiet_of,
    rates_of,
    scores,
    threshold_of,
)
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.calibration import QUARTER
from risk_service.core.jumps.turn import Memory, Watches, turn

SEED = 20
MOST = 1.0
"""False alarms a quarter, both ways together."""
SHIFTS = (0, 1, 2, 4)
"""Standard deviations of the index; 0 shows what chance alone finds."""
PERSISTENCE = 0.5 ** (1 / 7)
SIGMA = 10.0
YEARS, PATHS = 10, 100
BEFORE, AFTER, SHIFTED_PATHS = 600, 90, 1_000
SOON = 28
HISTORY_YEARS, HISTORIES = 17, 20
HOURLY_PATHS = 20
RARE, OFTEN, STEPS = 0.1, 5.0, 40
"""False alarms a quarter between which thresholds are tried for the delay of z > 2; how many."""
Z_WINDOW = 90
PLAIN = Jump(1, timing=Timing(dwell=1, hold=0, cooldown=0))
"""How a plain rule fires: whenever its score comes over the threshold."""
SAME_TIMING = Jump(1)


def index_paths(days: int, paths: int, rng: np.random.Generator, shift: Floats | float) -> Floats:
    """Paths (days, paths) about 50 + ``shift``, which may be given by day; not cut at 0 and 100."""
    noise = rng.standard_t(4, (days, paths)) / np.sqrt(2)
    noise *= SIGMA * np.sqrt(1 - PERSISTENCE**2)
    about = np.broadcast_to(shift, (days,))
    now = rng.normal(0, SIGMA, paths)
    found = np.empty((days, paths))
    for day in range(days):
        now = about[day] + PERSISTENCE * (now - about[day]) + noise[day]
        found[day] = 50 + now
    return found


def z_scores(paths: Floats) -> Floats:
    """(index − mean) / standard deviation, of the ``Z_WINDOW`` days before."""
    frame = pd.DataFrame(paths)
    window = frame.shift(1).rolling(Z_WINDOW)
    z: Floats = ((frame - window.mean()) / window.std()).to_numpy(np.float64)
    return z


def scored(rule: Rule | None, paths: Floats) -> Floats:
    """Scores of a rule, or of the z-score where there is none."""
    return z_scores(paths) if rule is None else scores(rule, Known.of_paths(paths))


def changed(kind: str, shift: float, rng: np.random.Generator) -> Floats:
    """Paths that change after ``BEFORE`` days by so many standard deviations.

    ``step``: the index itself is moved at once. ``turn``: the news is, and the index follows with
    its half-life.
    """
    begun = np.where(np.arange(BEFORE + AFTER) >= BEFORE, shift * SIGMA, 0.0)
    paths = index_paths(len(begun), SHIFTED_PATHS, rng, begun if kind == "turn" else 0.0)
    return paths + begun[:, None] if kind == "step" else paths


def delays(judged: Rule, signed: Floats, thresholds: Floats) -> Floats:
    """Days from the change to the first firing towards escalation, (P, K); infinite where none."""
    found = np.full((signed.shape[1], len(thresholds)), np.inf)
    for day, (started, _) in enumerate(fires(judged, signed, thresholds)):
        if day >= BEFORE:
            np.copyto(found, day - BEFORE, where=started & np.isinf(found))
    return found


def promises() -> Iterator[str]:
    """Rows: what calibrations on histories of 17 years state, and what new paths show."""
    rng = np.random.default_rng(SEED)
    days = int(HISTORY_YEARS * 365.25)
    histories = index_paths(days, HISTORIES, rng, 0.0).T
    shaken = [quiet_of(history, SEED + n) for n, history in enumerate(histories)]
    new = index_paths(int(YEARS * 365.25), PATHS, rng, 0.0)
    yield (
        "| rule | stated a quarter | measured | 90 % interval, mean | measured lies within "
        "| single records of ten years within |"
    )
    yield "|---|---|---|---|---|---|"
    for name, rule in DEFAULTS.items():
        thresholds = [calibrate(rule, MOST, quiet) for quiet in shaken]
        stated = [false_alarms(rule, t, q) for t, q in zip(thresholds, shaken, strict=True)]
        records = rates_of(rule, scored(rule, new), np.array(thresholds))
        measured = records.mean(axis=0)
        low, high = np.array([one.low for one in stated]), np.array([one.high for one in stated])
        inside = int(((low <= measured) & (measured <= high)).sum())
        single = float(((low <= records) & (records <= high)).mean())
        yield (
            f"| {name} | {np.mean([one.expected for one in stated]):.2f} | {measured.mean():.2f} "
            f"({measured.min():.2f}–{measured.max():.2f}) | {low.mean():.2f}–{high.mean():.2f} "
            f"| {inside} of {HISTORIES} | {single:.0%} |"
        )


def rivals() -> dict[str, tuple[Rule | None, Rule, float | None]]:
    """By name: whose scores, judged with which timing, and the threshold, None to be found."""
    ours: dict[str, tuple[Rule | None, Rule, float | None]] = {
        name: (rule, rule, None) for name, rule in DEFAULTS.items()
    }
    return {
        **ours,
        "z > 2": (None, PLAIN, 2.0),
        "z > 2, timing of level": (None, replace(SAME_TIMING, timing=Level().timing), 2.0),
        "z, same rate": (None, PLAIN, None),
        "z, same rate and timing": (None, SAME_TIMING, None),
    }


def table(kind: str) -> Iterator[str]:
    """Rows: each rule's threshold and false alarms, then median delay and share found soon."""
    rng = np.random.default_rng(SEED + 1)
    still = index_paths(int(YEARS * 365.25), PATHS, rng, 0.0)
    paths = {shift: changed(kind, shift, rng) for shift in SHIFTS}
    heads = " | ".join("by chance" if shift == 0 else f"{shift} sigma" for shift in SHIFTS)
    yield f"| rule | threshold | false alarms | {heads} |"
    yield "|" + "---|" * (3 + len(SHIFTS))
    for name, (rule, judged, given) in rivals().items():
        signed = scored(rule, still)
        threshold = threshold_of(judged, signed, MOST) if given is None else given
        rate = rates_of(judged, signed, np.array([threshold])).mean()
        at = np.array([threshold])
        cells = (told(delays(judged, scored(rule, one), at)) for one in paths.values())
        yield f"| {name} | {threshold:.2f} | {rate:.2f} | {' | '.join(cells)} |"


def told(days: Floats) -> str:
    """Median delay, and the share found within ``SOON`` days."""
    median = float(np.median(days)) if np.isfinite(days).mean() > 0.5 else np.inf
    days_told = f"{median:.0f} d" if np.isfinite(median) else f"> {AFTER} d"
    return f"{days_told}, {(days <= SOON).mean():.0%}"


def equal(kind: str, aside: float = 0.0) -> Iterator[str]:
    """Rows: the fewest false alarms a quarter at which a rule's median delay is that of z > 2.

    ``aside``: points from 50 about which the index lies before; then of level and z alone.
    """
    rng = np.random.default_rng(SEED + 2)
    still = index_paths(int(YEARS * 365.25), PATHS, rng, 0.0) + aside
    moved = {shift: changed(kind, shift, rng) + aside for shift in SHIFTS if shift}
    asked = {
        shift: float(np.median(delays(PLAIN, z_scores(paths), np.array([2.0]))))
        for shift, paths in moved.items()
    }
    yield "| rule | " + " | ".join(f"{s} sigma in {d:.0f} d" for s, d in asked.items()) + " |"
    yield "|" + "---|" * (1 + len(asked))
    without = {
        f"{name}, no hold or cooldown": (rule, replace(rule, timing=PLAIN.timing), None)
        for name, rule in DEFAULTS.items()
    }
    for name, (rule, judged, given) in {**rivals(), **without}.items():
        if aside and name not in ("level", "z > 2"):
            continue
        thresholds, rates = curve(judged, scored(rule, still), given)
        cells = []
        for shift, paths in moved.items():
            medians = np.median(delays(judged, scored(rule, paths), thresholds), axis=0)
            enough = rates[medians <= asked[shift]]
            cells.append(f"{enough.min():.2f}" if len(enough) else f"more than {rates.max():.1f}")
        yield f"| {name} | {' | '.join(cells)} |"


def curve(judged: Rule, signed: Floats, given: float | None) -> tuple[Floats, Floats]:
    """Thresholds (K,) and their false alarms a quarter, from rare to ``OFTEN``."""
    if given is not None:
        thresholds = np.array([given])
    else:
        often, rare = (threshold_of(judged, signed, rate) for rate in (OFTEN, RARE))
        thresholds = np.geomspace(often, rare, STEPS)
    return thresholds, rates_of(judged, signed, thresholds).mean(axis=0)


def by_the_hour() -> Iterator[str]:
    """Rows: false alarms where the value is judged each hour, and not on settled days alone."""
    rng = np.random.default_rng(SEED + 3)
    hours = hourly_paths(int(YEARS * 365.25), HOURLY_PATHS, rng)
    yield "| rule | settled days alone | each hour | times |"
    yield "|---|---|---|---|"
    for name, rule in DEFAULTS.items():
        signed = scored(rule, hours[:, -1])
        threshold = threshold_of(rule, signed, MOST)
        alone = rates_of(rule, signed, np.array([threshold])).mean()
        live = live_firings(rule, threshold, hours) / ((~np.isnan(signed)).sum() / QUARTER)
        yield f"| {name} | {alone:.2f} | {live:.2f} | {live / alone:.2f} |"


def live_firings(rule: Rule, threshold: float, hours: Floats) -> int:
    """Firings of all paths (days, 24, P), both ways, where the worst hour of a day may fire."""
    paths = hours.shape[2]
    watches = Watches.of([(rule, threshold, way) for way in DIRECTIONS for _ in range(paths)])
    settled = Known.of_paths(np.hstack([hours[:, -1]] * 2))
    before = settled.before[rule.days if isinstance(rule, Jump) else 1]
    worst = np.hstack([hours.max(axis=1), hours.min(axis=1)])
    memory, count = Memory.empty(2 * paths), 0
    for day, value in enumerate(settled.values):
        began = turn(watches, memory, worst[day], before[day])[1].started
        count += int(began.sum())
        memory, _ = turn(watches, memory, value, before[day], began)
    return count


def hourly_paths(days: int, paths: int, rng: np.random.Generator) -> Floats:
    """(days, 24, paths): the same autoregression with a step an hour."""
    persistence = PERSISTENCE ** (1 / 24)
    noise = rng.standard_t(4, (days, 24, paths)) / np.sqrt(2)
    noise *= SIGMA * np.sqrt(1 - persistence**2)
    now = rng.normal(0, SIGMA, paths)
    found = np.empty((days, 24, paths))
    for day in range(days):
        for hour in range(24):
            now = persistence * now + noise[day, hour]
            found[day, hour] = 50 + now
    return found


def main() -> None:
    """Print the tables."""
    sections = (
        ("False alarms a quarter, stated and measured", promises()),
        ("Judged each hour", by_the_hour()),
        ("At the delay of z > 2: false alarms a quarter, the index moved at once", equal("step")),
        ("At the delay of z > 2: false alarms a quarter, the news turned", equal("turn")),
        *(
            (f"The same where the index lies about {50 + aside:.0f}: {kind}", equal(kind, aside))
            for aside in (-SIGMA / 2, SIGMA / 2)
            for kind in ("step", "turn")
        ),
        (f"The index is moved at once: median delay, found within {SOON} days", table("step")),
        ("The news turns, and the index follows", table("turn")),
    )
    for title, rows in sections:
        sys.stdout.write(f"**{title}**\n\n" + "\n".join(rows) + "\n\n")


if __name__ == "__main__":
    main()
