"""What whoever analyses a study chooses; named on the command line, so nothing heavy is loaded here."""

from __future__ import annotations

from enum import StrEnum


class Positive(StrEnum):
    """Which level is called positive: the defect, as everywhere in this program, or the good part, as AIAG does.

    It says what ``1`` means in a file of zeros and ones, which level a table lists first, and which sign the criterion
    c has. Miss (accept of a bad part) and false alarm (reject of a good part) mean the same under both.
    """

    BAD = "bad"
    GOOD = "good"


class IntervalChoice(StrEnum):
    """Which interval stands beside every proportion."""

    CLOPPER_PEARSON = "clopper-pearson"
    WILSON = "wilson"
    MINITAB = "minitab"
