"""False alarms of rules that settled days alone do not tell: an hour's jump, a confirmed one."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.alert_preview import Asked, Rated, history_before
from risk_service.core.index import index_at
from risk_service.core.jumps import calibrate, judged_live, quiet_of, within_day
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.calibration import false_alarms_of, measured
from risk_service.core.jumps.conditions import ConfirmedJump, HourJump
from risk_service.core.jumps.confirmed import agreeing_days, jumps_allowed, thinned
from risk_service.core.jumps.hourly import calibrate_hours, hours_told, steps_before
from risk_service.core.jumps.pace import TEN_MINUTES
from risk_service.core.market_move import unusual_moves
from risk_service.core.sectors import Sectors
from risk_service.desk import Desk
from risk_service.joint_moves import read_joint
from risk_service.settle import STORY_REACH
from risk_service.store.events import scored_events
from risk_service.store.freshness import were_watched

HOUR_PATHS = 24
MARKET_YEARS = timedelta(days=3_652)
_TINY = timedelta(microseconds=1)


def past_hours(conn: Connection, desk: Desk, dyad: str, now: datetime) -> Floats:
    """The index at each ten minutes of the year before, (T,); NaN where nobody watched."""
    moments = pd.DatetimeIndex(steps_before(now))
    seen = np.array(were_watched(conn, dyad, moments))
    values = np.full(len(moments), np.nan)
    if seen.any():
        since = moments[seen][0].to_pydatetime() - desk.method.window - STORY_REACH
        events = scored_events(conn, dyad, desk.classifier.version, since, now + _TINY)
        values[seen] = index_at(events, moments[seen], desk.method)["risk_index"]
    return values


def rate_hours(
    values: Floats, rule: HourJump, threshold: float | None, most: float, seed: int = 0
) -> Rated:
    """The threshold of an hour's jump for at most ``most`` a quarter, or the rate of one given.

    Parameters
    ----------
    values
        As ``past_hours`` tells them.

    Raises
    ------
    ValueError
        "field: message" where history is too short for the threshold that is asked for.
    """
    try:
        quiet = quiet_of(values, seed, HOUR_PATHS, TEN_MINUTES)
        if threshold is None:
            threshold = calibrate_hours(rule, most, quiet)
    except ValueError as error:
        if threshold is None:
            raise
        return Rated(threshold, None, str(error).partition(": ")[2])
    return Rated(threshold, hours_told(rule, threshold, quiet, seed), None)


def past_agreement(
    conn: Connection, sectors: Sectors, rule: ConfirmedJump, now: datetime, *, simulated: bool
) -> tuple[int, int]:
    """``agreeing_days`` of the ten years of closes before; none judged where too few are held."""
    since = (now - MARKET_YEARS).date()
    joint = read_joint(conn, sectors, since, now.date(), None, simulated=simulated)
    if joint.moves.empty or not joint.signs:
        return 0, 0
    over = joint.moves[joint.moves["over_at"] <= now]
    judged = unusual_moves(over, joint.signs)
    return agreeing_days(judged, rule.percentile, rule.jump.timing.directions)


def rate_confirmed(
    vintages: pd.DataFrame, rule: ConfirmedJump, asked: Asked, agreement: tuple[int, int]
) -> Rated:
    """The threshold of a jump that markets confirm, and how often they do by chance.

    The jump may come so much more often than ``asked.max_false_alarms`` as markets confirm
    seldom. Raises as ``rate_hours`` does; at least one day is settled.
    """
    agreeing, judged = agreement
    jump, threshold = rule.jump, asked.threshold
    jumps_a_quarter = jumps_allowed(asked.max_false_alarms / within_day(jump), agreeing, judged)
    try:
        quiet = quiet_of(history_before(vintages, asked.calibrated_before), asked.seed)
        if threshold is None:
            threshold = calibrate(jump, jumps_a_quarter, quiet)
    except ValueError as error:
        if threshold is None:
            raise
        return Rated(threshold, None, str(error).partition(": ")[2])
    steps = len(quiet.to_measure)
    jumps = measured(jump, threshold, quiet)
    rng = np.random.default_rng(asked.seed)
    rates = thinned(jumps, steps / quiet.pace.quarter, agreeing, judged, rng)
    return Rated(threshold, judged_live(jump, false_alarms_of(rates, steps)), None)
