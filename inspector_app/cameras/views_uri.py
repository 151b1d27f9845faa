"""Several views as one URI: ``views:front=URI|back=URI``, with ``pair=…`` and ``wait=…`` as further parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inspector_app.cameras.view_groups import Pairing
from inspector_app.domain.errors import CameraSettingError

SCHEME: Final = "views:"
_DEFAULT_WAIT_MS: Final = 500
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,39}")
_RESERVED: Final = frozenset({"pair", "wait"})


@dataclass(frozen=True, slots=True)
class ViewsUri:
    """A URI of several views in its parts.

    Attributes
    ----------
    text : str
        The whole.
    members : mapping of str to str
        URI of each view by its name, from left to right.
    pairing : Pairing or None
        ``None``: by order for files, by time for live cameras.
    wait_s : float
        How long a part waits for its missing views.
    """

    text: str
    members: Mapping[str, str]
    pairing: Pairing | None
    wait_s: float


def parse_views(text: str) -> ViewsUri:
    """Return a URI of several views in its parts; `CameraSettingError`."""
    parts = [part.strip().partition("=") for part in text.removeprefix(SCHEME).split("|")]
    members: dict[str, str] = {}
    for name, _, uri in parts:
        if name in _RESERVED:
            continue
        if not _NAME.fullmatch(name) or not uri or uri.startswith(SCHEME) or name in members:
            raise CameraSettingError(
                f"{text}: a view is written NAME=SOURCE, each name once, such as front=aravis:GV01; not {name!r}."
            )
        members[name] = uri
    if len(members) < 2:
        raise CameraSettingError(f"{text}: there must be at least two views, such as views:front=usb:0|back=usb:1.")
    options = {name: value for name, _, value in parts if name in _RESERVED}
    return ViewsUri(text, members, _pairing(text, options.get("pair")), _wait_s(text, options.get("wait")))


def views_text(members: Sequence[tuple[str, str]], pairing: str | None, wait_ms: float) -> str:
    """Return the URI of several views, from names and URIs."""
    options = [f"pair={pairing}"] if pairing else []
    return SCHEME + "|".join([f"{name}={uri}" for name, uri in members] + options + [f"wait={wait_ms:g}"])


def _pairing(text: str, word: str | None) -> Pairing | None:
    if word is not None and word not in list(Pairing):
        raise CameraSettingError(f"{text}: pair must be one of {', '.join(Pairing)}, not {word!r}.")
    return None if word is None else Pairing(word)


def _wait_s(text: str, word: str | None) -> float:
    if word is None:
        return _DEFAULT_WAIT_MS / 1000.0
    if not re.fullmatch(r"\d{1,5}(\.\d+)?", word) or not 1.0 <= float(word) <= 60_000.0:
        raise CameraSettingError(f"{text}: wait must be 1 … 60000 ms, not {word!r}.")
    return float(word) / 1000.0
