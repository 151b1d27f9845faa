"""The one place that knows how bundled files are reached, installed or not."""

from __future__ import annotations

from importlib.resources import files


def resource_bytes(*parts: str) -> bytes:
    """Return a bundled file's content.

    Parameters
    ----------
    *parts : str
        Path below ``resources``, for example ``"icons", "accept.svg"``.

    Raises
    ------
    FileNotFoundError
        If no such file is bundled.
    """
    return files("resources").joinpath(*parts).read_bytes()


def resource_text(*parts: str) -> str:
    """Return a bundled UTF-8 text file's content; parameters and errors as of `resource_bytes`."""
    return resource_bytes(*parts).decode("utf-8")


def resource_names(folder: str, suffix: str) -> tuple[str, ...]:
    """Return the sorted names of the files in a bundled folder that end with a suffix."""
    return tuple(
        sorted(entry.name for entry in files("resources").joinpath(folder).iterdir() if entry.name.endswith(suffix))
    )
