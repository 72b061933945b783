from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine, func, insert, select

from risk_service.store.engine import reading, writing
from risk_service.store.imports import ImportState, forget_set_aside, import_of, save_import
from risk_service.store.tables import imports, set_aside

NOW = datetime(2025, 8, 15, 21, 30, tzinfo=UTC)
STATE = ImportState("a" * 64, "news.csv", NOW, rows_read=5, added=3, repeated=1, bad=1)


def test_how_far_an_import_has_come_is_kept_over_what_was_known(engine: Engine) -> None:
    later = replace(STATE, rows_read=9, added=7, finished_at=NOW)
    with writing(engine) as conn:
        assert import_of(conn, STATE.sha256) is None
        save_import(conn, STATE)
        assert import_of(conn, STATE.sha256) == STATE
        save_import(conn, later)
    with reading(engine) as conn:
        assert import_of(conn, STATE.sha256) == later
        assert conn.execute(select(func.count()).select_from(imports)).scalar() == 1


def test_only_the_rows_of_one_file_are_forgotten(engine: Engine) -> None:
    rows = [
        {"key": key, "origin": origin, "locator": "line 2", "reason": "", "raw": "", "seen_at": NOW}
        for key, origin in (("1", "news"), ("2", "news"), ("3", "other"))
    ]
    with writing(engine) as conn:
        conn.execute(insert(set_aside), rows)
        forget_set_aside(conn, "news")
        assert conn.execute(select(set_aside.c.key)).scalars().all() == ["3"]
