"""Artifacts on disk into the registry of the database, and the first champion."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine

from models import registry
from models.card import Card
from models.registry import BadArtifact
from risk_service.store import models as store
from risk_service.store.engine import reading, writing
from risk_service.store.rescored import forget_scored_all
from risk_service.store.upsert import Row

SERVICE = "service"
"""Who named a champion that no person named."""

log = structlog.get_logger()


def register_folder(engine: Engine, models_dir: Path | None, now: datetime) -> list[str]:
    """Enter every sound artifact of the folder that the database does not know; their versions.

    Where the database names no champion, or one whose artifact is in the folder no more, the file
    ``champion`` decides. All of it is one transaction; run again, it changes nothing.
    """
    with reading(engine) as conn:
        known = {row["version"]: row["sha256"] for row in store.all_models(conn)}
        champion = store.champion_version(conn)
    fresh = _cards(models_dir, known)
    first = _named_by_file(models_dir) if _is_missing(champion, models_dir) else None
    if not fresh and first is None:
        return []
    with writing(engine) as conn:
        store.lock_registry(conn)
        store.register(conn, [asdict(card) for card in fresh], now)
        champion = store.champion_version(conn)
        if first is not None and _is_missing(champion, models_dir):
            _name_first(conn, champion, first, now)
    return [card.version for card in fresh]


def _cards(models_dir: Path | None, known: dict[str, str]) -> list[Card]:
    """Cards of the sound artifacts that are not known; the others are told of in the log."""
    found = []
    for version in registry.versions(models_dir):
        try:
            card = registry.read_card(version, models_dir)
            if version in known and known[version] == card.sha256:
                continue
            if version in known:
                raise BadArtifact(f"{version}: is not the artifact that was registered")
            registry.read_model_file(card, models_dir)
        except BadArtifact as error:
            log.warning("an artifact is left alone", reason=str(error))
        else:
            found.append(card)
    return found


def _named_by_file(models_dir: Path | None) -> str | None:
    try:
        version = registry.champion_version(models_dir)
        registry.read_model_file(registry.read_card(version, models_dir), models_dir)
    except BadArtifact:
        return None
    return version


def _is_missing(champion: str | None, models_dir: Path | None) -> bool:
    return champion is None or champion not in registry.versions(models_dir)


def _name_first(conn: Connection, before: str | None, version: str, now: datetime) -> None:
    if store.one_model(conn, version) is None:
        return
    store.name_alias(conn, store.CHAMPION, version, now)
    said = "named by the file champion"
    if before is not None:
        said += f"; the artifact of {before} is there no more"
    note: Row = {
        "at": now,
        "who": SERVICE,
        "act": store.FIRST if before is None else store.REPLACE,
        "from_version": before,
        "to_version": version,
        "reason": said,
        "forced": False,
        "verdict": None,
    }
    store.note_promotion(conn, note)
    forget_scored_all(conn, version)
