"""What the path needs besides events: who reads them, what they are about, and the method."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from models.classifier import Classifier
from models.registry import champion, load, versions
from risk_service.core.dyads import Gazetteer, read_gazetteer
from risk_service.core.method import METHOD, Method
from risk_service.errors import NoModel

DEFAULT_DYAD = "USA-RUS"


@dataclass(frozen=True, slots=True)
class Desk:
    """A classifier, the gazetteers of the dyads that are followed, and the index method."""

    classifier: Classifier
    gazetteers: tuple[Gazetteer, ...]
    method: Method = METHOD

    @property
    def dyads(self) -> tuple[str, ...]:
        """Names of the dyads that are followed."""
        return tuple(gazetteer.name for gazetteer in self.gazetteers)

    @property
    def gazetteer_versions(self) -> str:
        """Names and versions of the gazetteers, as kept with each assessed event."""
        return ",".join(f"{g.name}@{g.version}" for g in self.gazetteers)[:64]


def read_gazetteers(folder: Path | None) -> tuple[Gazetteer, ...]:
    """The bundled gazetteers and those of a folder; a file of the same dyad replaces ours.

    Raises
    ------
    ValueError
        Naming the file that is not a gazetteer.
    """
    bundled = [path for path in files("risk_service.dyads").iterdir() if path.name[-5:] == ".toml"]
    own = sorted(folder.glob("*.toml")) if folder is not None else []
    found: dict[str, Gazetteer] = {}
    for path in [*sorted(bundled, key=lambda path: path.name), *own]:
        try:
            gazetteer = read_gazetteer(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
        found[gazetteer.name] = gazetteer
    return tuple(found.values())


def open_desk(dyads_dir: Path | None, models_dir: Path | None, model: str) -> Desk:
    """Load the gazetteers and the classifier.

    Raises
    ------
    NoModel
        When the artifact is missing, damaged or not one this version opens; for an unknown version
        it names those there are.
    """
    gazetteers = read_gazetteers(dyads_dir)
    known = versions(models_dir)
    if model and model not in known:
        there_are = ", ".join(known) or "none"
        raise NoModel(f"there is no model version {model!r}; RISK_MODEL may name: {there_are}")
    try:
        classifier = load(model, models_dir) if model else champion(models_dir)
    except (ValueError, OSError) as error:
        raise NoModel(str(error)) from error
    return Desk(classifier, gazetteers)
