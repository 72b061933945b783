"""Settings, read once by an entry point from the environment (prefix ``RISK_``)."""

from __future__ import annotations

import re
from ipaddress import ip_address

from pydantic import DirectoryPath, Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from risk_service.feeds.configured import make_feeds

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


class Settings(BaseSettings):
    """Every setting of the service; the README's table is tested against this class."""

    model_config = SettingsConfigDict(env_prefix="RISK_", frozen=True)

    database_url: str = Field(
        "sqlite:///data/risk.sqlite3", description="SQLAlchemy address of SQLite or PostgreSQL"
    )
    host: str = Field("127.0.0.1", description="Address to listen on; reads are open on loopback")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    allowed_hosts: str = Field(
        "", description="Host names to answer to besides loopback's own, comma between; * for any"
    )
    cors_origins: str = Field(
        "https://pro.openbb.co,https://pro.openbb.dev,https://excel.openbb.co",
        description="Origins whose pages may read /openbb/, /udf/, /widgets.json and /apps.json, "
        "comma between; * for any",
    )
    worker: bool = Field(True, description="Run the worker inside `serve`")
    chronology: bool = Field(True, description="Load the bundled chronology at the first start")
    dyads_dir: DirectoryPath | None = Field(
        None, description="Folder of further gazetteers, one a dyad"
    )
    models_dir: DirectoryPath | None = Field(
        None, description="Folder of model artifacts, if not bundled"
    )
    model: str = Field("", description="Model version to serve; empty: the bundled champion")
    gate_file: FilePath | None = Field(
        None, description="TOML file of what a model must do to be promoted, if not the bundled"
    )
    feeds: str = Field(
        "default", description="`default`, `none`, or `gdelt` and `rss:URL`, comma between"
    )
    feed_seconds: int = Field(300, ge=5, description="Seconds between two readings of a feed")
    feed_private: bool = Field(False, description="Let feeds be read from private networks")
    gdelt_url: str = Field(
        "http://data.gdeltproject.org", description="Where GDELT 2.0 files are read from"
    )
    gdelt_days: int = Field(
        2, ge=0, le=30, description="How many days back a restarted GDELT feed fills its gaps"
    )
    prices: str = Field(
        "yfinance",
        description="`yfinance`, `fred`, `file:PATH`, comma between in order of preference; "
        "or `sample` or `none`",
    )
    price_seconds: int = Field(3600, ge=5, description="Seconds between two refreshes of prices")
    yahoo_url: str = Field("", description="Another base address for yfinance's chart requests")
    fred_url: str = Field("", description="Another base address for FRED's CSV endpoint")
    sectors_file: FilePath | None = Field(
        None, description="TOML file of sectors, if not the bundled"
    )
    public_url: str = Field(
        "", description="Where people reach the service; what links in alerts begin with"
    )
    alert_private: bool = Field(False, description="Let alerts be sent into private networks")
    rate_per_minute: int = Field(1200, ge=1, description="Requests a client may make per minute")
    streams: int = Field(200, ge=1, description="Streams (`/v1/stream`) a replica keeps open")
    url: str = Field("http://127.0.0.1:8000", description="Service that `risk-service mcp` asks")
    key: SecretStr = Field(SecretStr(""), description="API key it asks with, where one is needed")
    read_seconds: float = Field(
        10, ge=0.1, le=600, description="Seconds after which the database stops a read of the API"
    )
    log_level: str = Field("info", description="debug, info, warning or error")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("must be an address of sqlite or postgresql")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _known_origins(cls, value: str) -> str:
        wrong = [one for one in _listed(value) if one != "*" and not _ORIGIN.fullmatch(one)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not an origin such as https://pro.openbb.co, or *")
        return value

    @field_validator("public_url")
    @classmethod
    def _known_public_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s?#]{1,300}", value):
            raise ValueError("must begin with http:// or https://, without query")
        return value.rstrip("/")

    @field_validator("feeds")
    @classmethod
    def _known_feeds(cls, value: str) -> str:
        try:
            make_feeds(value, ())
        except ValueError as error:
            raise ValueError(str(error).removeprefix("feeds: ")) from None
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @field_validator("prices")
    @classmethod
    def _known_provider(cls, value: str) -> str:
        if value in ("sample", "none"):
            return value
        names = _listed(value)
        good = all(n in ("yfinance", "fred") or (n.startswith("file:") and n[5:]) for n in names)
        if not names or not good or len({n.partition(":")[0] for n in names}) < len(names):
            raise ValueError(
                "must be yfinance, fred, file:PATH, each at most once and comma between, "
                "or sample or none"
            )
        return value

    @property
    def shared_with(self) -> tuple[str, ...]:
        """The origins of ``cors_origins``."""
        return _listed(self.cors_origins)

    @property
    def price_providers(self) -> tuple[str, ...]:
        """Names of the real price providers, in order of preference."""
        return () if self.prices in ("sample", "none") else _listed(self.prices)

    @property
    def on_loopback(self) -> bool:
        """Whether the service listens on a loopback address only."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def _listed(value: str) -> tuple[str, ...]:
    return tuple(name for part in value.split(",") if (name := part.strip()))
