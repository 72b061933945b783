"""What a reader of files hands on: rows as they stand, or rows set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from risk_service.feeds.contract import BadRow


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row by the names of its columns; ``locator`` says where it stands ("line 17")."""

    locator: str
    values: Mapping[str, object]


FileRows = Iterator[FileRow | BadRow]
"""The same file gives the same rows in the same order, good and bad alike."""
