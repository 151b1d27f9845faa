"""What only a simulation can see: from when to when the contract was broken, and what ended it."""

from __future__ import annotations

from inspector_app.simulation.results import Spell


class ContractWatch:
    """Notes the spells in which the model decides while its true escape share is above the limit."""

    def __init__(self) -> None:
        self._spells: list[Spell] = []
        self._began: int | None = None
        self._accepts = self._audits = 0

    @property
    def broken(self) -> bool:
        """True while the contract is broken."""
        return self._began is not None

    @property
    def spells(self) -> tuple[Spell, ...]:
        """The spells that are over."""
        return tuple(self._spells)

    def look(self, part: int, above: bool, automatic: bool) -> None:
        """Begin or end a spell.

        Parameters
        ----------
        part : int
            Parts made so far.
        above : bool
            Whether the true escape share under the thresholds in force is above the limit.
        automatic : bool
            Whether the model decides.
        """
        if above and automatic:
            self._began = part if self._began is None else self._began
        else:
            self.end(part, "plant" if automatic else "supervisor")

    def accepted(self) -> None:
        """Count an accept of the model."""
        self._accepts += 1

    def audited(self) -> None:
        """Count an audit of an accept."""
        self._audits += 1

    def end(self, part: int, ended_by: str) -> None:
        """End a spell, if there is one."""
        if self._began is not None:
            spell = Spell(self._began + 1, part - self._began, self._accepts, self._audits, ended_by)
            self._spells.append(spell)
        self._began = None
        self._accepts = self._audits = 0
