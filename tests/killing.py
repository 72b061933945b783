"""Kills a process of its own at every point where it writes, and tells what is left each time.

``python -m tests.killing ACT DATABASE ARTIFACTS`` forks a child for the first point at which ACT
writes a file or a row, renames or commits; then one for the second, until one lives to the end.
After each, a line of JSON tells what a process that starts now would find.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import risk_service.pipeline
from models.registry import BadArtifact, load, versions
from risk_service.desks import following
from risk_service.promotion import Bench, Order, promote
from risk_service.registering import register_folder
from risk_service.store.engine import make_engine, reading
from risk_service.store.index import read_days
from risk_service.store.models import all_models, champion_version, promotion_history
from risk_service.wiring import set_up_log
from risk_service.worker import Worker
from tests.house import MovedClock
from tests.registry_room import TINY, desk_with, gate_of, rows_of
from tests.small_corpus import varied_corpus
from training.learners import FastLearner
from training.retrain import retrain

MOST = 60
AT = datetime(2026, 3, 1, tzinfo=UTC)
CLOCK = MovedClock()


def train(url: str, root: Path) -> None:
    retrain(rows_of(varied_corpus(150)), FastLearner(TINY), root, seed=1)
    register_folder(make_engine(url), root, AT)


def promoted(url: str, root: Path) -> None:
    promote(bench(url, root), "fast-two", Order("me", AT))


def rescore(url: str, root: Path) -> None:
    risk_service.pipeline.BATCH = 4
    engine = make_engine(url)
    desks = following(engine, desk_with(root), root, pinned=False)
    Worker(engine, desks, (), CLOCK).once()


def bench(url: str, root: Path) -> Bench:
    return Bench(make_engine(url), root, gate_of(root.parent))


ACTS: dict[str, Callable[[str, Path], None]] = {
    "train": train, "promote": promoted, "rescore": rescore,
}  # fmt: skip


def die_at(point: int, root: Path) -> None:
    """Let this process be killed when it writes for the so-manieth time."""
    seen = 0

    def step(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(name: str, args: tuple[Any, ...]) -> None:
        written = name == "open" and str(args[0]).startswith(str(root)) and "w" in (args[1] or "")
        if written or name == "os.rename":
            step()

    def hear_statement(conn: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            step()

    sys.addaudithook(hear)
    event.listen(Engine, "before_cursor_execute", hear_statement)
    event.listen(Engine, "commit", step)


def left(url: str, root: Path) -> dict[str, Any]:
    """What is there for whoever starts now."""
    engine = make_engine(url)
    with reading(engine) as conn:
        champion = champion_version(conn)
        registered = sorted(row["version"] for row in all_models(conn))
        acts = [row["act"] for row in promotion_history(conn)]
        days = read_days(conn, "USA-RUS")
    desks = following(engine, desk_with(root, str(champion)), root, pinned=False)
    return {
        "champion": champion,
        "registered": registered,
        "whole": [version for version in versions(root) if opens(version, root)],
        "folders": versions(root),
        "acts": acts,
        "index": desks.index.classifier.version,
        "models": sorted(set(days["model_version"])),
        "days": [round(value, 9) for value in days["risk_index"].tolist()],
    }


def opens(version: str, root: Path) -> bool:
    try:
        load(version, root)
    except BadArtifact:
        return False
    return True


def main(act: str, url: str, folder: str) -> None:
    root = Path(folder)
    set_up_log("error")
    for point in range(1, MOST):
        # The lease of who was killed runs out.
        CLOCK.pass_by(minutes=1)
        child = os.fork()
        if child == 0:
            die_at(point, root)
            ACTS[act](url, root)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        found = {"killed": killed, "status": status, **left(url, root)}
        sys.stdout.write(json.dumps(found) + "\n")
        if not killed:
            return
    raise SystemExit(f"{act} writes more than {MOST} times")


if __name__ == "__main__":
    main(*sys.argv[1:])
