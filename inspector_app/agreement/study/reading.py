"""Reads ``part,appraiser,trial,decision,reference`` (and optionally ``size``) into a complete study.

Whatever keeps the study from being complete and clear is refused with one sentence: nothing is guessed, dropped or
filled in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.agreement.study.choices import Positive
from inspector_app.agreement.study.values import Study, StudyRefused
from inspector_app.domain.table import table_rows

REQUIRED = ("part", "appraiser", "trial", "decision")
OPTIONAL = ("reference", "size")
ACCEPT_WORDS = ("accept", "good", "pass", "ok", "go")
REJECT_WORDS = ("reject", "bad", "fail", "nok", "no-go")


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    part: str
    appraiser: str
    trial: str
    rejected: bool
    reference: bool | None
    size: float | None


def read_study(lines: Iterable[str], name: str, positive: Positive | None = None) -> Study:
    """Read a study.

    Parameters
    ----------
    lines : iterable of str
        The CSV text with a header row; column order is free, other columns are ignored.
    name : str
        What the sentences call the file.
    positive : Positive or None
        What ``1`` stands for where decisions are zeros and ones; not needed for words.

    Raises
    ------
    StudyRefused
        With one sentence that names the file, the line, and what is allowed.
    """
    rows = list(_rows(table_rows(lines, name, REQUIRED, OPTIONAL, StudyRefused), _words(positive)))
    if not rows:
        raise StudyRefused(f"{name}: there are no decisions in it.")
    return _complete(rows, name)


def _words(positive: Positive | None) -> Mapping[str, bool]:
    """Return what each word means: True for reject."""
    words = dict.fromkeys(ACCEPT_WORDS, False) | dict.fromkeys(REJECT_WORDS, True)
    if positive is not None:
        words |= {"1": positive is Positive.BAD, "0": positive is Positive.GOOD}
    return words


def _rows(table: Iterable[tuple[str, dict[str, str]]], words: Mapping[str, bool]) -> Iterator[_Row]:
    for where, text in table:
        for column in REQUIRED[:3]:
            if not text[column]:
                raise StudyRefused(f"{where}: {column} is empty.")
        reference = text.get("reference", "")
        yield _Row(
            where,
            text["part"],
            text["appraiser"],
            text["trial"],
            _judgement(text["decision"], "decision", where, words),
            _judgement(reference, "reference", where, words) if reference else None,
            _size(text.get("size", ""), where),
        )


def _judgement(text: str, column: str, where: str, words: Mapping[str, bool]) -> bool:
    word = text.lower()
    if word in words:
        return words[word]
    if word in {"0", "1"}:
        raise StudyRefused(
            f"{where}: {column} is {text!r}; say with --positive good or --positive bad which part a 1 stands for."
        )
    allowed = ", ".join((*ACCEPT_WORDS, *REJECT_WORDS))
    raise StudyRefused(f"{where}: {column} is {text!r}; allowed are {allowed}.")


def _size(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not math.isfinite(size) or size <= 0.0:
        raise StudyRefused(f"{where}: size is {text!r}; it is a number above 0, or empty for a part without a defect.")
    return size


def _complete(rows: list[_Row], name: str) -> Study:
    """Check that the study is complete, and put it into arrays."""
    parts, appraisers, trials = (
        {value: index for index, value in enumerate(dict.fromkeys(column))}
        for column in (
            [row.part for row in rows],
            [row.appraiser for row in rows],
            [row.trial for row in rows],
        )
    )
    numbers = np.zeros((len(parts), len(appraisers), len(trials)), np.int64)
    rejected = np.zeros(numbers.shape, np.bool_)
    for number, row in enumerate(rows, start=1):
        at = parts[row.part], appraisers[row.appraiser], trials[row.trial]
        if numbers[at]:
            earlier = rows[numbers[at] - 1].where.removeprefix(f"{name}, ")
            raise StudyRefused(
                f"{row.where}: appraiser {row.appraiser!r} judged part {row.part!r} in trial {row.trial!r} "
                f"already in {earlier}; each trial is one decision."
            )
        numbers[at], rejected[at] = number, row.rejected
    _check_no_gap(numbers, tuple(parts), tuple(appraisers), tuple(trials), name)
    return Study(
        tuple(parts),
        tuple(appraisers),
        tuple(trials),
        rejected,
        _reference(rows, parts, name),
        _sizes(rows, parts),
    )


def _check_no_gap(
    numbers: NDArray[np.int64], parts: tuple[str, ...], appraisers: tuple[str, ...], trials: tuple[str, ...], name: str
) -> None:
    gaps = np.argwhere(numbers == 0)
    if len(gaps):
        part, appraiser, trial = gaps[0]
        others = "" if len(gaps) == 1 else f" ({len(gaps) - 1} more are missing)"
        raise StudyRefused(
            f"{name}: appraiser {appraisers[appraiser]!r} did not judge part {parts[part]!r} in trial "
            f"{trials[trial]!r}{others}; every appraiser judges every part in every trial."
        )


def _reference(rows: list[_Row], parts: Mapping[str, int], name: str) -> NDArray[np.bool_] | None:
    """Return the reference of each part, ``None`` if no part has one."""
    known: dict[str, bool] = {}
    for row in rows:
        if row.reference is not None and known.setdefault(row.part, row.reference) is not row.reference:
            raise StudyRefused(f"{row.where}: part {row.part!r} has another reference than before.")
    if not known:
        return None
    missing = [part for part in parts if part not in known]
    if missing:
        raise StudyRefused(
            f"{name}: part {missing[0]!r} has no reference while others have; give it for every part or for none."
        )
    return np.array([known[part] for part in parts], np.bool_)


def _sizes(rows: list[_Row], parts: Mapping[str, int]) -> NDArray[np.float64] | None:
    """Return the size of each part's defect, NaN where it has none; ``None`` if no part has one."""
    known: dict[str, float] = {}
    for row in rows:
        if row.size is not None and known.setdefault(row.part, row.size) != row.size:
            raise StudyRefused(f"{row.where}: part {row.part!r} has another size than before.")
    if not known:
        return None
    return np.array([known.get(part, math.nan) for part in parts], np.float64)
