"""Who serves: promotion through the gate, rollback, and the challenger beside the champion.

Each is one transaction after everything slow is done, so that whoever dies on the way leaves the
champion as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from models.registry import BadArtifact, load
from risk_service.errors import NotFound, NotPromoted
from risk_service.registering import register_folder
from risk_service.store import models as store
from risk_service.store.engine import reading, writing
from risk_service.store.rescored import forget_scored_all
from risk_service.store.upsert import Row
from training.examine import Exam, Paper, examine, read_paper, reader_of
from training.gate import PromotionGate, Verdict, judge


@dataclass(frozen=True, slots=True)
class Bench:
    """Where models are examined: the database, the folder of artifacts and the gate."""

    engine: Engine
    models_dir: Path | None
    gate: PromotionGate


@dataclass(frozen=True, slots=True)
class Change:
    """A champion that gave way to another; ``verdict`` is None where nothing was asked."""

    before: str | None
    after: str
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for a change, when, why, and whether the gate may be overruled."""

    who: str
    at: datetime
    reason: str = ""
    force: bool = False

    def __post_init__(self) -> None:
        if self.force and not self.reason.strip():
            raise ValueError("reason: overruling the gate needs one")
        if not 0 < len(self.who) <= 100:
            raise ValueError("who: needs 1 to 100 characters")


def promote(bench: Bench, version: str, order: Order) -> Change:
    """Let a version serve from now on, if it opens and passes the gate or is forced.

    A refusal is noted in the history too. The version that serves already is left alone.

    Raises
    ------
    NotFound
        When there is no such version.
    NotPromoted
        With the gate's complaints, or when the artifact cannot be opened or is never served.
    """
    _check_serves(bench, version, order.at)
    with reading(bench.engine) as conn:
        champion = store.champion_version(conn)
    if champion == version:
        return Change(champion, version)
    paper = read_paper(bench.gate.labels)
    standing = _champion_exam(bench, champion, paper, order.at)
    verdict = judge(bench.gate, exam_of(bench, version, paper, order.at), standing)
    refused = not verdict.passed and not order.force
    with writing(bench.engine) as conn:
        store.lock_registry(conn)
        if store.champion_version(conn) != champion:
            raise NotPromoted("the champion has changed meanwhile; look again")
        act = store.REFUSED if refused else store.PROMOTE
        _note(conn, act, champion, version, order, verdict)
        if not refused:
            _enthrone(conn, version, order.at)
    if refused:
        raise NotPromoted(f"{version}: {'; '.join(verdict.complaints)}")
    return Change(champion, version, verdict)


def rollback(bench: Bench, order: Order) -> Change:
    """Let the champion of before the last promotion serve again; each undoes one more.

    Raises
    ------
    NotPromoted
        When there is no promotion to undo, or what served before cannot be opened.
    """
    with reading(bench.engine) as conn:
        champion, before = store.champion_version(conn), store.version_before(conn)
    if before is None:
        raise NotPromoted("there is no promotion to undo")
    _check_serves(bench, before, order.at)
    with writing(bench.engine) as conn:
        store.lock_registry(conn)
        if store.champion_version(conn) != champion or store.version_before(conn) != before:
            raise NotPromoted("the champion has changed meanwhile; look again")
        _note(conn, store.ROLLBACK, champion, before, order, None)
        _enthrone(conn, before, order.at)
    return Change(champion, before)


def challenge(bench: Bench, version: str | None, now: datetime) -> None:
    """Let a version be tried beside the champion, or none.

    Raises
    ------
    NotFound, NotPromoted
        When there is no such version, it cannot be opened, or it is the champion.
    """
    if version is not None:
        _check_serves(bench, version, now)
    with writing(bench.engine) as conn:
        store.lock_registry(conn)
        if version is not None and version == store.champion_version(conn):
            raise NotPromoted(f"{version} is the champion")
        store.name_alias(conn, store.CHALLENGER, version, now)


def exam_of(bench: Bench, version: str, paper: Paper, now: datetime) -> Exam:
    """A registered version's exam: the kept one, or taken now and kept.

    Raises
    ------
    NotFound
        When the version is not registered.
    BadArtifact
        When it cannot be opened.
    """
    with reading(bench.engine) as conn:
        row = store.one_model(conn, version)
        if row is None:
            raise NotFound(f"version: there is no model {version!r}")
        kept = kept_exam(conn, row, paper)
    if kept is not None:
        return kept
    exam = examine(reader_of(version, bench.models_dir), paper)
    with writing(bench.engine) as conn:
        store.keep_exam(conn, row["sha256"], paper.sha256, exam.as_row(), now)
    return exam


def kept_exam(conn: Connection, row: Row, paper: Paper) -> Exam | None:
    """The exam that a registered version (a row of the registry) has taken, or None."""
    kept = store.read_exam(conn, row["sha256"], paper.sha256)
    return Exam.from_row(kept) if kept is not None else None


def _check_serves(bench: Bench, version: str, now: datetime) -> None:
    register_folder(bench.engine, bench.models_dir, now)
    with reading(bench.engine) as conn:
        row = store.one_model(conn, version)
    if row is None:
        raise NotFound(f"version: there is no model {version!r}")
    try:
        card = load(version, bench.models_dir).card
    except BadArtifact as error:
        raise NotPromoted(str(error)) from error
    if card.sha256 != row["sha256"]:
        raise NotPromoted(f"{version}: is not the artifact that was registered")


def _champion_exam(bench: Bench, champion: str | None, paper: Paper, now: datetime) -> Exam | None:
    try:
        return exam_of(bench, champion, paper, now) if champion is not None else None
    except BadArtifact:
        # A champion that cannot be opened any more must not keep a sound model out.
        return None


def _enthrone(conn: Connection, version: str, now: datetime) -> None:
    store.name_alias(conn, store.CHAMPION, version, now)
    if store.challenger_version(conn) == version:
        store.name_alias(conn, store.CHALLENGER, None, now)
    # What came while others served has no score of this model yet.
    forget_scored_all(conn, version)


def _note(
    conn: Connection,
    act: str,
    before: str | None,
    after: str,
    order: Order,
    verdict: Verdict | None,
) -> None:
    note: Row = {
        "at": order.at,
        "who": order.who,
        "act": act,
        "from_version": before,
        "to_version": after,
        "reason": order.reason,
        "forced": order.force and verdict is not None and not verdict.passed,
        "verdict": verdict.as_row() if verdict is not None else None,
    }
    store.note_promotion(conn, note)
