"""Which part is it: from the line, from a code in the picture, or by count; and whether it was here just now."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inspector_app.domain.frame import Capture, Frame, PictureFlaw, Pixels, Unfit
from inspector_app.domain.trigger import IdSource

ReadCodes = Callable[[Pixels], Sequence[str]]
"""Returns the texts of the codes in a picture, each once."""


@dataclass(frozen=True, slots=True)
class IdRules:
    """How part ids are made.

    Attributes
    ----------
    source : IdSource
        ``CAMERA``: the source's own name of the part, else a number; ``LINE``: the line must give one; ``CODE``: a code
        in the picture must.
    pattern : Pattern or None
        The whole id must fit; a group named ``id`` is then taken for the id. ``None``: anything that is not empty.
    line_named : bool
        True if names come from the line's triggers, so that a code has to agree with them.
    doubled_s : float
        The same part again within this time is a doubled part; 0: never.
    """

    source: IdSource = IdSource.CAMERA
    pattern: re.Pattern[str] | None = None
    line_named: bool = False
    doubled_s: float = 0.0

    def fitting(self, text: str) -> str | None:
        """Return the id that a text holds, ``None`` if it does not fit the pattern."""
        if self.pattern is None:
            return text.strip() or None
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        return (found.groupdict().get("id") or found.group()) or None


@dataclass(frozen=True, slots=True)
class FoundId:
    """The part's id, ``None`` if there is none, and one sentence if it must not be relied on."""

    part_id: str | None
    doubt: str | None = None


def found_id(rules: IdRules, name: str | None, codes: Sequence[str] | None) -> FoundId:
    """Return the id of a part.

    Parameters
    ----------
    rules : IdRules
        How ids are made.
    name : str or None
        What the source, or the line's trigger, calls the part.
    codes : sequence of str or None
        Codes in its picture; ``None`` if there is no picture to read.
    """
    if rules.source is IdSource.CODE:
        return _from_codes(rules, name, codes)
    if name is None:
        return FoundId(None, "The line gave no part number." if rules.source is IdSource.LINE else None)
    part_id = rules.fitting(name)
    if part_id is None:
        return FoundId(name, f"The part number {name!r} does not fit the pattern of part numbers.")
    return FoundId(part_id)


def _from_codes(rules: IdRules, name: str | None, codes: Sequence[str] | None) -> FoundId:
    if codes is None:
        return FoundId(name)
    read = sorted({fit for code in codes if (fit := rules.fitting(code)) is not None})
    if not read:
        what = "codes in the picture do not fit the pattern of part numbers" if codes else "no code could be read"
        return FoundId(name, f"The part number is not known: {what}.")
    if len(read) > 1:
        return FoundId(name, f"The picture shows several part numbers: {', '.join(read)}.")
    if rules.line_named and name is not None and name != read[0]:
        return FoundId(name, f"The line says part {name}, the code in the picture says {read[0]}.")
    return FoundId(read[0])


class PartIdentifier:
    """Gives each part its id, on the inspection thread.

    Parameters
    ----------
    rules : IdRules
        How ids are made.
    read_codes : ReadCodes or None
        Reads the codes of a picture; needed for ``CODE``.
    remembered : int
        Parts remembered for ``doubled_s`` at most.
    """

    def __init__(self, rules: IdRules, read_codes: ReadCodes | None = None, remembered: int = 100_000) -> None:
        self._rules = rules
        self._read_codes = read_codes
        self._remembered = remembered
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def identified(self, capture: Capture) -> Capture:
        """Return the part with its id as its name; in doubt about it, unfit to be judged by a model."""
        codes = self._read_codes(capture.pixels) if self._read_codes and isinstance(capture, Frame) else None
        found = found_id(self._rules, capture.name, codes)
        named = replace(capture, name=found.part_id)
        if found.doubt is not None:
            return _doubted(named, PictureFlaw.PART_ID, found.doubt)
        before = self._here_before(found.part_id, capture.captured_at)
        if before is None:
            return named
        return _doubted(named, PictureFlaw.DOUBLED, f"Part {found.part_id} was here {before:.1f} s ago already.")

    def _here_before(self, part_id: str | None, at: datetime) -> float | None:
        """Return how long ago a part was here, if that is within the window, and remember it."""
        if part_id is None or not self._rules.doubled_s:
            return None
        last = self._seen.pop(part_id, None)
        self._seen[part_id] = at
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        ago = None if last is None else (at - last).total_seconds()
        return ago if ago is not None and ago < self._rules.doubled_s else None


def _doubted(capture: Capture, flaw: PictureFlaw, sentence: str) -> Capture:
    if isinstance(capture, Frame) and capture.unfit is None:
        return replace(capture, unfit=Unfit(flaw, sentence))
    return capture
