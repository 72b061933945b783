"""``models``, ``card``, ``compare``, ``promote`` and ``rollback``: who serves, and who might."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from models.card import Card, Figure
from risk_service.commands.shadowed import print_shadow
from risk_service.commands.terminal import PLAIN, cell, err, out
from risk_service.config import Settings
from risk_service.errors import NotFound
from risk_service.promotion import Bench, Order, challenge, exam_of, promote, rollback
from risk_service.registering import register_folder
from risk_service.store import models as store
from risk_service.store.engine import reading
from risk_service.wiring import clock, gate_of, open_database
from training.card_page import card_page
from training.comparing import Comparison, compared
from training.examine import read_paper
from training.gate import Verdict

Why = Annotated[str, typer.Option(help="Why; it is kept in the history.")]
NOBODY = "none"


def list_models(
    history: Annotated[bool, typer.Option(help="Every change of the champion instead.")] = False,
) -> None:
    """Every registered model, the newest first, with who is champion and who challenger."""
    settings = Settings()
    bench = _bench(settings)
    with reading(bench.engine) as conn:
        rows, changes = store.all_models(conn), store.promotion_history(conn)
    if history:
        _print_history(changes)
        return
    table = Table(Column("version", no_wrap=True), "alias", "registered", "macro-F1", "ECE")
    for row in rows:
        metrics = row["card"]["metrics"]
        figures = (_figure(metrics.get(name)) for name in ("macro_f1", "ece"))
        table.add_row(
            row["version"], ", ".join(row["aliases"]), cell(row["registered_at"]), *figures
        )
    out.print(table)
    if settings.model:
        err.print(f"RISK_MODEL pins {settings.model}, whoever is champion", **PLAIN)


def card(version: str) -> None:
    """The card of a model as a page of HTML."""
    with reading(_bench(Settings()).engine) as conn:
        row = store.one_model(conn, version)
    if row is None:
        raise NotFound(f"version: there is no model {version!r}")
    sys.stdout.write(card_page(Card.of(row["card"]), row["aliases"]))


def compare(
    a: str,
    b: str,
    labels: Annotated[
        Path | None, typer.Option(help="Rows to compare on, in place of the gate's.")
    ] = None,
    top: Annotated[int, typer.Option(help="Texts told on which the two differ.")] = 10,
) -> None:
    """Two models side by side on the same rows, and on live events that both have scored."""
    bench = _bench(Settings())
    paper = read_paper(labels or bench.gate.labels)
    first, second = (exam_of(bench, version, paper, clock()) for version in (a, b))
    _print_comparison(a, b, compared(paper, first, second, top))
    print_shadow(bench.engine, a, b, clock())


def promote_model(
    version: str,
    as_: Annotated[str, typer.Option("--as", help="champion or challenger.")] = store.CHAMPION,
    reason: Why = "",
    force: Annotated[bool, typer.Option(help="Overrule the gate; needs a reason.")] = False,
    labels: Annotated[
        Path | None, typer.Option(help="Rows to examine on, in place of the gate's.")
    ] = None,
) -> None:
    """Let a model serve in place of the champion, if it passes the gate; or beside it.

    Running replicas follow within seconds. With --as challenger, none dismisses the challenger.
    """
    if as_ not in store.ALIASES:
        raise ValueError(f"--as: {as_!r} is neither champion nor challenger")
    settings = Settings()
    bench = _bench(settings)
    if labels is not None:
        bench = replace(bench, gate=replace(bench.gate, labels=labels))
    if as_ == store.CHALLENGER:
        challenge(bench, None if version == NOBODY else version, clock())
        out.print(f"challenger: {version}", **PLAIN)
        return
    change = promote(bench, version, _order(reason, force=force))
    if change.before == change.after:
        out.print(f"{version} is the champion already", **PLAIN)
        return
    _print_verdict(change.verdict)
    _print_change(change.before, change.after, settings)


def rollback_model(reason: Why = "") -> None:
    """Undo the last promotion; each call undoes one more."""
    settings = Settings()
    change = rollback(_bench(settings), _order(reason, force=False))
    _print_change(change.before, change.after, settings)


def _bench(settings: Settings) -> Bench:
    engine = open_database(settings)
    register_folder(engine, settings.models_dir, clock())
    return Bench(engine, settings.models_dir, gate_of(settings))


def _order(reason: str, *, force: bool) -> Order:
    return Order(_me(), clock(), reason, force)


def _me() -> str:
    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError, ImportError):
        # In a container a user may have no name.
        return f"user {os.getuid()}"


def _print_change(before: str | None, after: str, settings: Settings) -> None:
    out.print(f"champion: {after}, before: {before or NOBODY}", **PLAIN)
    if settings.model:
        err.print(f"RISK_MODEL pins {settings.model}: whoever is started so stays with it", **PLAIN)


def _print_verdict(verdict: Verdict | None) -> None:
    for check in verdict.checks if verdict else ():
        met = "met" if check.passed else "NOT met"
        out.print(f"{check.name}: {check.found}, at {check.at} {check.limit}: {met}", **PLAIN)


def _print_history(changes: list[dict[str, Any]]) -> None:
    for row in changes:
        act = f"{row['act']}, forced" if row["forced"] else row["act"]
        versions = f"{row['from_version'] or NOBODY} → {row['to_version']}"
        why = f": {row['reason']}" if row["reason"] else ""
        out.print(f"{row['at']:%Y-%m-%d %H:%M}Z  {row['who']}  {act}  {versions}{why}", **PLAIN)


def _print_comparison(a: str, b: str, found: Comparison) -> None:
    out.print(f"{found.rows} rows{'':14}{a:>28}{b:>28}", **PLAIN)
    for name, (first, second) in found.figures.items():
        out.print(f"{name:24}{_shown(first):>28}{_shown(second):>28}", **PLAIN)
    speeds = "".join(f"{speed:>28,.0f}" for speed in found.texts_per_second)
    out.print(f"{'texts_per_second':24}{speeds}", **PLAIN)
    out.print(f"macro-F1, {b} less {a}: {_shown(found.macro_f1_difference)}", **PLAIN)
    out.print(f"they differ on {found.differ} rows, most on:", **PLAIN)
    for one in found.differing:
        out.print(f"  {one.truth}, read as {one.first} / {one.second}: {one.text}", **PLAIN)


def _shown(figure: Figure) -> str:
    return f"{figure.value:.4f} ({figure.low:.4f}–{figure.high:.4f})"


def _figure(told: dict[str, float] | None) -> str:
    return f"{told['value']:.3f} ({told['low']:.2f}–{told['high']:.2f})" if told else ""
