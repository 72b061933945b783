"""``risk-service labels``: corrections as a file that training takes."""

from datetime import UTC, datetime
from pathlib import Path

from risk_service.core.events import Event
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.events import save_events
from risk_service.store.labels import Correction, keep_correction
from tests.service import command
from training.labels import read_labels

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)


def test_corrections_come_as_a_label_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    engine = make_engine(url)
    migrate(engine)
    with writing(engine) as conn:
        events = [Event(NOW, f"Envoys meet, take {n}", "Wire") for n in range(2)]
        first, second = (saved.id for saved in save_events(conn, events, "test", NOW))
        for event, direction, intensity in ((first, "thaw", 1), (second, "neutral", None)):
            keep_correction(conn, Correction(event, direction, intensity, "said so", "me", NOW))
    engine.dispose()
    done = command(url, "labels")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "mine.csv").write_text(done.stdout, "utf-8")
    rows = read_labels(tmp_path / "mine.csv")
    assert list(rows["direction"]) == ["thaw", "neutral"]
    assert rows["intensity"][0] == 1
    assert list(rows["who"]) == ["me", "me"]
