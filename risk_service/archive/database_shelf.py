"""Scored parts in the database: the table ``archive_scores``, a transaction a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine

from risk_service.archive.part import Facts, Part, Scored
from risk_service.archive.shelf import columns_of
from risk_service.feeds.contract import storable
from risk_service.store import archives
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import put_aside


@dataclass(frozen=True, slots=True)
class DatabaseShelf:
    """A database, the model whose scores are put there, and the clock they are stamped by."""

    engine: Engine
    version: str
    clock: Callable[[], datetime]

    def held(self, source: str, number: int) -> Facts | None:
        """See ``Shelf``."""
        with reading(self.engine) as conn:
            found = archives.part_facts(conn, self.version, source, number)
        try:
            return None if found is None else Facts.from_plain(found)
        except TypeError:
            return None

    def put(self, part: Part, scored: Scored, facts: Facts) -> None:
        """See ``Shelf``. Rows set aside go where those of imports and feeds do."""
        columns = columns_of(part, scored)
        columns["text"] = [storable(text, len(text)) for text in part.texts]
        columns["id"] = [id_ and storable(id_, len(id_)) for id_ in part.ids]
        rows = [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]
        now = self.clock()
        with writing(self.engine) as conn:
            archives.keep_part(
                conn, self.version, part.source, part.number, rows, asdict(facts), now
            )
            put_aside(conn, [one for _, one in part.bad], now)

    def finish(self, source: str, parts: int) -> tuple[int, int]:
        """See ``Shelf``; rows are counted in the table, rows set aside in what the parts say."""
        with writing(self.engine) as conn:
            archives.forget_parts(conn, self.version, source, parts)
            facts = archives.all_facts(conn, self.version, source)
            kept = archives.count_rows(conn, self.version, source)
        return kept, sum(int(one["bad"]) for one in facts)
