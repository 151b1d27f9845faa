"""What the simulated log has counted for the gates, as `automation.gate_evidence` reads it from a real one."""

from __future__ import annotations

from collections import Counter

from inspector_app.automation.gate_inputs import Evidence, GateLimits, Tally
from inspector_app.domain.control import ControlState, Level


class Gathered:
    """Counts since the model in charge, or the camera, is what it is.

    Parameters
    ----------
    limits : GateLimits
        The attribute study is taken as done as they ask for it, before the simulation begins.
    """

    def __init__(self, limits: GateLimits) -> None:
        self._limits = limits
        self.begin()

    def begin(self) -> None:
        """Forget everything: another model, or another picture."""
        self._n: Counter[str] = Counter()
        self._clean = 0

    def thresholds_moved(self) -> None:
        """Forget the audits: they were of other decisions."""
        for name in ("accepts", "escapes", "rejects", "false_rejects"):
            self._n[name] = 0
        self._clean = 0

    def drifted(self) -> None:
        """Note a drift alarm."""
        self._n["without_drift"] = 0

    def judged(self, level: Level, model: bool, first: bool, truth: bool) -> None:
        """Count a part judged blind.

        Parameters
        ----------
        level : Level
            In force.
        model, first, truth : bool
            Whether the model and the inspector reject, and whether it is bad as far as anybody knows.
        """
        n = self._n
        n["without_drift"] += 1
        n["assisted"] += level is Level.ASSIST
        if level is not Level.SHADOW:
            return
        n["bad" if truth else "good"] += 1
        n["missed"] += truth and not model
        n["false_alarms"] += model and not truth
        if truth:
            n["only_model_missed"] += first and not model
            n["only_human_missed"] += model and not first
            n["both_found"] += model and first

    def second_look(self, advice: bool, first: bool, second: bool, truth: bool) -> None:
        """Count a second look; of interest are those at wrong advice by somebody who had been right."""
        if first is truth and advice is not truth:
            self._n["wrong_advice"] += 1
            self._n["followed"] += second is not truth

    def seeded(self, alone: bool, helped: bool | None) -> None:
        """Count a look at a seeded defect: whether it was rejected without, and with the model in view if it was."""
        n = self._n
        n["seeded_alone"] += 1
        n["seeded_alone_missed"] += not alone
        if helped is not None:
            n["seeded_helped"] += 1
            n["seeded_helped_missed"] += not helped

    def audited(self, accepted: bool, wrong: bool) -> None:
        """Count an audit of the uniform stream."""
        if accepted:
            self._n["accepts"] += 1
            self._n["escapes"] += wrong
            self._clean = 0 if wrong else self._clean + 1
        else:
            self._n["rejects"] += 1
            self._n["false_rejects"] += wrong

    def evidence(self, control: ControlState, stands: bool, coverage: float | None, rolled_back: bool) -> Evidence:
        """Return the evidence."""
        n, limits = self._n, self._limits
        return Evidence(
            level=control.level,
            study_parts=limits.study_parts,
            study_trials=limits.study_trials,
            study_appraisers=limits.study_appraisers,
            golden_answers=True,
            only_model_missed=n["only_model_missed"],
            only_human_missed=n["only_human_missed"],
            both_found=n["both_found"],
            parts_without_drift=n["without_drift"],
            advised=control.slots is None or control.slots.model(control.slots.in_charge) is not None,
            over_reliance=Tally(n["followed"], n["wrong_advice"]),
            assisted=n["assisted"],
            seeded_unaided=Tally(n["seeded_alone_missed"], n["seeded_alone"]),
            seeded_assisted=Tally(n["seeded_helped_missed"], n["seeded_helped"]),
            coverage=coverage,
            rolled_back=rolled_back,
            misses=Tally(n["missed"], n["bad"]),
            false_alarms=Tally(n["false_alarms"], n["good"]),
            certificate_stands=stands,
            escapes=Tally(n["escapes"], n["accepts"]),
            false_rejects=Tally(n["false_rejects"], n["rejects"]),
            clean_audits=self._clean,
            latched=control.latched,
        )
