"""Seeded parts of a simulation: which defect comes when, what the model says of it, and who found it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np

from inspector_app.automation.seeds import SeedRules, SeedShown, seed_alias, seed_draw, seed_to_show
from inspector_app.simulation.plant import Calibrated, Plant

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Seeding:
    """An archive of known defects. Their pictures do not age with the plant; what a model says of them is the model's.

    Parameters
    ----------
    rules : SeedRules
        How often and how far apart.
    size, seed : int
        Of the archive, and of its random numbers.
    salt : str
        Of the draws.
    """

    def __init__(self, rules: SeedRules, size: int, seed: int, salt: str) -> None:
        self._rules, self._salt = rules, salt
        self._noise = np.random.default_rng([seed, 0]).standard_normal(size)
        self._names = tuple(f"defect-{i}" for i in range(size))
        self._probabilities: dict[str, float] = {}
        self._vouched: frozenset[str] = frozenset()
        self._shown: dict[str, SeedShown] = {}
        self._answers: Counter[tuple[str, bool]] = Counter()

    def judge_anew(self, plant: Plant, model: Calibrated) -> None:
        """Let the model in charge, as it is on this plant, say what it says of the archive."""
        probabilities = model.probabilities(plant.separation + self._noise).tolist()
        self._probabilities = dict(zip(self._names, probabilities, strict=True))

    def vouch(self, accept_below: float) -> None:
        """Remember which defects the model does not accept when it is signed for."""
        self._vouched = frozenset(name for name, p in self._probabilities.items() if p >= accept_below)

    def next_after(self, part_id: str, part: int, hours: float) -> tuple[str, float, bool] | None:
        """Return the defect that follows a part, ``None`` for most parts.

        Parameters
        ----------
        part_id : str
            The part.
        part : int
            Parts made so far.
        hours : float
            Since the beginning.

        Returns
        -------
        tuple of (str, float, bool)
            Its number, the model's probability, and whether the model is known not to have accepted it.
        """
        if not seed_draw(self._rules, self._salt, part_id).drawn:
            return None
        now = SeedShown(part, _BEGIN + timedelta(hours=hours))
        name = seed_to_show(self._rules, self._salt, part_id, self._names, self._shown, now)
        if name is None:
            return None
        self._shown[name] = now
        return seed_alias(self._salt, part_id, name), self._probabilities[name], name in self._vouched

    def answered(self, inspector: str, rejected: bool) -> None:
        """Count what an inspector said of a seeded part."""
        self._answers[inspector, rejected] += 1

    def hits(self) -> tuple[tuple[str, int, int], ...]:
        """Return inspector, seeded parts rejected, seeded parts shown, by name."""
        names = sorted({name for name, _ in self._answers})
        return tuple((n, self._answers[n, True], self._answers[n, True] + self._answers[n, False]) for n in names)
