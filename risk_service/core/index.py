"""Scored events to the risk index: one formula for the live value, each hour and each day.

At a moment t, with d_i = 2^-((t - t_i) / half-life) for each relevant event i published in the
window before t, r_i its relevance, n_i its report weight (``novelty.report_weights``), s_i its
severity (1–3)::

    e_i = r_i n_i s_i p_escalation_i          t_i = r_i n_i s_i p_thaw_i
    m_i = e_i + t_i + neutral_mass r_i n_i p_neutral_i

    net_escalation = sum d_i (e_i - t_i) / (sum d_i m_i + kappa)         in -1…+1
    risk_index     = 50 + 50 net_escalation                              in 0…100

kappa pseudo-stories of mass 1 and unknown direction pull thin news to 50, never to calm: this is
the mean of a Dirichlet process whose base measure is uniform on -1…+1 (Ferguson 1973).

The interval is a Bayesian bootstrap (Rubin 1981) around it. In each replicate a story gets an
Exp(1) multiplier and one uniform number that draws the direction of its reports from their
probabilities; both are hashed from the story's identity, so they are the same at every moment and
on every machine, and copies of one story are never taken for independent evidence. The prior is
drawn from its Dirichlet process, every draw beside its mirror image.

Only events published before t enter, so no value ever depends on a later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.stats import gamma

from risk_service.core.dyads import THEMES
from risk_service.core.method import METHOD, Method
from risk_service.core.novelty import report_weights

Floats = npt.NDArray[np.float64]

EVENT_COLUMNS = (
    "event_id", "published_at", "story_id", "story_seed", "relevance", "theme",
    "p_thaw", "p_escalation", "p_neutral", "severity", "act",
)  # fmt: skip
_DRAWN = ("p_escalation", "p_thaw", "strength", "faint")
_NUMBERS = ("relevance", "p_thaw", "p_escalation", "p_neutral", "severity", "act")
PARTS = ("escalation", "thaw", "threats", "acts", "thaw_words", "thaw_deeds")
_CHUNK = 512
_CELLS = 4_000_000
"""Numbers held at once while resampling: events times replicates of a block."""
_PRIOR_ATOMS = 20
_PRIOR_SEED, _DIRECTION_SEED = 2**61, 2**60


def weigh(events: pd.DataFrame, method: Method = METHOD) -> pd.DataFrame:
    """Add ``escalation``, ``thaw`` and ``mass`` (e, t and m above), undecayed, to scored events.

    Also ``strength`` (r n s, what a report with a certain direction weighs) and ``faint`` (what a
    certainly neutral one does).

    Parameters
    ----------
    events
        Columns ``EVENT_COLUMNS``: published_at aware UTC; probabilities in 0–1; severity 1–3;
        act in 0–1, the share of deed against words; story_seed any integer that identifies the
        story wherever the index is computed. Any order; returned in order of
        (published_at, event_id).

    Raises
    ------
    ValueError
        For a missing column or a NaN among the numbers.
    """
    missing = [column for column in EVENT_COLUMNS if column not in events]
    if missing:
        raise ValueError(f"events: columns {missing} are missing")
    events = events.astype(
        {"published_at": "datetime64[us, UTC]", **dict.fromkeys(_NUMBERS, float)}
    )
    events = events.sort_values(["published_at", "event_id"], ignore_index=True)
    if events[list(_NUMBERS)].isna().to_numpy().any():
        raise ValueError("events: a relevance, probability, severity or act is NaN")
    weight = events["relevance"] * report_weights(events["story_id"].to_numpy(np.int64))
    strength = weight * events["severity"]
    faint = method.neutral_mass * weight
    escalation = strength * events["p_escalation"]
    thaw = strength * events["p_thaw"]
    mass = escalation + thaw + faint * events["p_neutral"]
    return events.assign(
        strength=strength, faint=faint, escalation=escalation, thaw=thaw, mass=mass
    )


def index_at(
    events: pd.DataFrame, moments: Sequence[datetime] | pd.DatetimeIndex, method: Method = METHOD
) -> pd.DataFrame:
    """The index at each moment, from the events published before it.

    Parameters
    ----------
    events
        As for ``weigh``.
    moments
        Aware times, in order.

    Returns
    -------
    DataFrame, one row a moment
        risk_index, low, high (0–100); net_escalation (-1…1); escalation and thaw (0–1, whose
        difference is net_escalation); threats + acts = escalation; thaw_words + thaw_deeds = thaw;
        attention (decayed mass, 0 up; direction plays no part in it); pressure (attention times
        direction, sum d (e - t), unbounded: what counts of coded events measure); coverage (0–1,
        news against prior); stories (reports of one happening are one) and events within the
        window; one column a theme, in risk points, which sum to risk_index - 50.

    Examples
    --------
    >>> none = pd.DataFrame({column: [] for column in EVENT_COLUMNS})
    >>> index_at(none, pd.to_datetime(["2025-01-01"], utc=True))["risk_index"].tolist()
    [50.0]
    """
    events = weigh(events, method)
    at = pd.to_datetime(list(moments), utc=True).as_unit("us")
    chunks = [
        _index_chunk(events, at[i : i + _CHUNK], method) for i in range(0, max(len(at), 1), _CHUNK)
    ]
    return pd.concat(chunks)


def drivers_at(events: pd.DataFrame, moment: datetime, method: Method = METHOD) -> pd.DataFrame:
    """What each story adds to the index at a moment, and to its change over the day before.

    Returns
    -------
    DataFrame, one row a story, the largest move first
        story_id, theme, reports, contribution (risk points; all sum to risk_index - 50), change
        (risk points; all sum to the move since 24 hours earlier).
    """
    events = weigh(events, method)
    at = pd.to_datetime([moment - timedelta(days=1), moment], utc=True).as_unit("us")
    decays = _decays(events, at, method)
    total = decays @ events["mass"].to_numpy() + method.prior_stories
    push = (events["escalation"] - events["thaw"]).to_numpy()
    points = 50 * (decays.multiply(push).toarray().T / total)
    table = pd.DataFrame(
        {
            "story_id": events["story_id"],
            "theme": events["theme"],
            "reports": (decays[[1]].toarray()[0] > 0).astype(int),
            "contribution": points[:, 1],
            "change": points[:, 1] - points[:, 0],
        }
    )
    table = table[(points != 0).any(axis=1) | (table["reports"] > 0)]
    stories: pd.DataFrame = table.groupby("story_id", as_index=False).agg(
        {"theme": "first", "reports": "sum", "contribution": "sum", "change": "sum"}
    )
    order = stories["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return stories.loc[order].reset_index(drop=True)


def _index_chunk(events: pd.DataFrame, at: pd.DatetimeIndex, method: Method) -> pd.DataFrame:
    if len(at):
        times = events["published_at"]
        first, last = times.searchsorted(at[0] - method.window), times.searchsorted(at[-1])
        events = events.iloc[first:last]
    decays = _decays(events, at, method)
    total = decays @ events["mass"].to_numpy(float) + method.prior_stories
    push = (events["escalation"] - events["thaw"]).to_numpy(float)
    net = decays @ push / total
    low, high = _interval(events, decays, method)
    frame = pd.DataFrame(
        {
            "risk_index": 50 + 50 * net,
            "low": np.minimum(50 + 50 * low, 50 + 50 * net),
            "high": np.maximum(50 + 50 * high, 50 + 50 * net),
            "net_escalation": net,
        },
        index=at,
    )
    for name, values in _parts(events).items():
        frame[name] = decays @ values / total
    frame["attention"] = total - method.prior_stories
    frame["pressure"] = decays @ push
    frame["coverage"] = frame["attention"] / total
    frame["events"] = np.diff(decays.indptr).astype(float)
    frame["stories"] = _stories_present(events, decays)
    themes = events["theme"].to_numpy()
    for theme in THEMES:
        frame[theme] = 50 * (decays @ np.where(themes == theme, push, 0.0)) / total
    return frame


def _parts(events: pd.DataFrame) -> dict[str, Floats]:
    escalation, thaw = events["escalation"].to_numpy(float), events["thaw"].to_numpy(float)
    act = events["act"].to_numpy(float)
    values = (
        escalation, thaw, escalation * (1 - act), escalation * act, thaw * (1 - act), thaw * act,
    )  # fmt: skip
    return dict(zip(PARTS, values, strict=True))


def _decays(events: pd.DataFrame, at: pd.DatetimeIndex, method: Method) -> sparse.csr_array:
    """Weight by age, shape (moments, events); 0 outside the window and at or after the moment."""
    times = pd.DatetimeIndex(events["published_at"]).as_unit("us").asi8
    moments = at.as_unit("us").asi8
    second = 1_000_000
    window = int(method.window.total_seconds()) * second
    starts = np.searchsorted(times, moments - window)
    stops = np.searchsorted(times, moments)
    counts = stops - starts
    pointers = np.concatenate([[0], np.cumsum(counts)])
    columns = np.arange(pointers[-1]) - np.repeat(pointers[:-1] - starts, counts)
    ages = np.repeat(moments, counts) - times[columns]
    weights = np.exp2(-ages / (method.half_life.total_seconds() * second))
    return sparse.csr_array((weights, columns, pointers), shape=(len(at), len(times)))


def _stories_present(events: pd.DataFrame, decays: sparse.csr_array) -> Floats:
    """How many stories have a report within the window of each moment."""
    numbers, _ = pd.factorize(events["story_id"])
    cells = (np.ones(len(events)), (np.arange(len(events)), numbers))
    membership = sparse.csr_array(cells, shape=(len(events), numbers.max(initial=-1) + 1))
    counts: Floats = np.diff((decays @ membership).indptr).astype(float)
    return counts


def _interval(
    events: pd.DataFrame, decays: sparse.csr_array, method: Method
) -> tuple[Floats, Floats]:
    columns = {name: events[name].to_numpy(float)[:, None] for name in _DRAWN}
    seeds = events["story_seed"].to_numpy(np.int64)
    prior_push, prior_mass = prior_draws(method.prior_stories, method.replicates)
    block = max(1, _CELLS // max(len(events), 1))
    net = np.empty((decays.shape[0], method.replicates))
    for start in range(0, method.replicates, block):
        draws = np.arange(start, min(start + block, method.replicates))
        multiplier = multipliers(seeds, draws)
        direction = _uniforms(seeds + _DIRECTION_SEED, draws)
        worse = direction < columns["p_escalation"]
        better = direction >= 1 - columns["p_thaw"]
        push = multiplier * columns["strength"] * (worse.astype(float) - better)
        mass = multiplier * np.where(worse | better, columns["strength"], columns["faint"])
        net[:, draws] = (decays @ push + prior_push[draws]) / (decays @ mass + prior_mass[draws])
    tail = (1 - method.interval) / 2
    low, high = np.quantile(net, [tail, 1 - tail], axis=1)
    return low, high


@cache
def prior_draws(kappa: int, replicates: int) -> tuple[Floats, Floats]:
    """(push, mass) of the prior in each replicate, shape (replicates,) each.

    A Dirichlet process of concentration ``kappa`` and uniform base on -1…+1, by 20 atoms of
    Gamma(kappa / 20) weight; the second half of the draws mirrors the first.
    """
    half = np.arange((replicates + 1) // 2)
    atoms = np.arange(_PRIOR_ATOMS) + _PRIOR_SEED
    weights = gamma.ppf(_uniforms(atoms, half), kappa / _PRIOR_ATOMS)
    directions = 2 * _uniforms(atoms + _PRIOR_ATOMS, half) - 1
    push, mass = (weights * directions).sum(axis=0), weights.sum(axis=0)
    mirrored = np.concatenate([push, -push])[:replicates]
    return mirrored, np.concatenate([mass, mass])[:replicates]


def multipliers(identities: npt.NDArray[np.int64], draws: npt.NDArray[np.int64]) -> Floats:
    """Exp(1) numbers, shape (identities, draws); the same for an identity and draw each time."""
    return -np.log1p(-_uniforms(identities, draws))


def _uniforms(identities: npt.NDArray[np.int64], draws: npt.NDArray[np.int64]) -> Floats:
    """Uniform numbers on [0, 1) by hashing (identity, draw) with splitmix64 (Steele 2014)."""
    with np.errstate(over="ignore"):
        x = identities.astype(np.uint64)[:, None] * np.uint64(0xD1342543DE82EF95)
        x = x + (draws.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    uniforms: Floats = (x >> np.uint64(11)).astype(np.float64) / 2**53
    return uniforms
