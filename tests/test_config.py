from pathlib import Path

import pytest
from pydantic import ValidationError

from risk_service.config import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RISK_{name.upper()}", raising=False)


def test_without_any_setting_it_serves_loopback_from_sqlite() -> None:
    settings = Settings()
    assert settings.database_url.startswith("sqlite:///")
    assert settings.on_loopback
    assert (settings.feeds, settings.prices, settings.worker) == ("default", "yfinance", True)


def test_every_setting_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("sectors.toml", "gate.toml"):
        (tmp_path / name).touch()
    told = {
        "database_url": "postgresql://me@db/risk", "host": "0.0.0.0", "port": "8080",
        "allowed_hosts": "risk.example", "cors_origins": "https://risk.example",
        "worker": "false", "chronology": "false",
        "dyads_dir": str(tmp_path), "models_dir": str(tmp_path), "model": "fast-1",
        "feeds": "gdelt", "feed_seconds": "60", "feed_private": "true",
        "gdelt_url": "http://mirror.example", "gdelt_days": "5", "prices": "file:closes.csv",
        "price_seconds": "600", "yahoo_url": "http://mirror.example",
        "fred_url": "http://mirror.example",
        "sectors_file": str(tmp_path / "sectors.toml"), "rate_per_minute": "60",
        "read_seconds": "2.5", "gate_file": str(tmp_path / "gate.toml"), "log_level": "WARNING",
        "public_url": "https://risk.example", "alert_private": "true", "streams": "9",
        "url": "https://risk.example", "key": "risk_1",
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"RISK_{name.upper()}", value)
    plain = {name: field.default for name, field in Settings.model_fields.items()}
    settings = Settings().model_dump()
    assert set(told) == set(settings)
    assert [name for name in told if settings[name] == plain[name]] == []
    assert settings["log_level"] == "warning"


def test_a_setting_cannot_be_changed_later() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("risk.example", False),
        ("localhost.evil.example", False),
    ],
)  # fmt: skip
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:
    assert Settings(host=host).on_loopback is loopback


@pytest.mark.parametrize("value", ["none", "default", "gdelt,rss:https://a.example/r?x=1,2", ""])
def test_feeds_that_are_taken(value: str) -> None:
    assert Settings(feeds=value).feeds == value


@pytest.mark.parametrize(
    "value", ["yfinance", "sample", "none", "file:/data/closes.csv", "yfinance, fred,file:a.csv"]
)
def test_prices_that_are_taken(value: str) -> None:
    assert Settings(prices=value).prices == value


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("database_url", "nonsense", "sqlite or postgresql"),
        ("database_url", "mysql://db/risk", "sqlite or postgresql"),
        ("port", 65_536, "65535"),
        ("port", -1, "0"),
        ("feeds", "nonsense", "'nonsense' is not default"),
        ("feeds", "rss:ftp://a.example", "no http or https address"),
        ("feeds", "gdelt,none", "'none'"),
        ("feed_seconds", 4, "5"),
        ("gdelt_days", 31, "30"),
        ("prices", "nonsense", "must be yfinance"),
        ("prices", "file:", "must be yfinance"),
        ("prices", ",", "must be yfinance"),
        ("prices", "yfinance,sample", "must be yfinance"),
        ("prices", "fred,yfinance,fred", "must be yfinance"),
        ("price_seconds", 0, "5"),
        ("rate_per_minute", 0, "1"),
        ("log_level", "loud", "must be debug"),
        ("dyads_dir", "/nowhere/at/all", "directory"),
        ("models_dir", "/nowhere/at/all", "directory"),
        ("sectors_file", "/nowhere/at/all", "file"),
    ],
)
def test_a_bad_setting_is_refused_by_name(name: str, value: object, complaint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})  # type: ignore[arg-type]
    (error,) = refused.value.errors()
    assert error["loc"] == (name,)
    assert complaint in error["msg"]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
