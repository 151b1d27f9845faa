"""What the gates ask for, and what the log has counted for them."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.control import Level


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What the gates ask for.

    Attributes
    ----------
    study_parts, study_trials, study_appraisers : int
        Size of the attribute study that precedes shadow.
    drift_parts : int
        Parts without a drift alarm before assist.
    over_reliance : float
        Partial is not for a station whose inspectors are shown to follow wrong advice more often than this.
    reliance_looks : int
        Second looks at wrong advice before that can be said.
    seeded_looks : int
        Looks at seeded defects without the model, and as many with it, before partial.
    coverage : float
        Share of parts that the certificate must at least let the model decide before full.
    miss, false_alarm : float
        Rates that the model must be shown to stay below before assist.
    escape, false_reject : float
        The same of the automatic decisions before full, as the contract has them.
    clean_audits : int
        Audited accepts in a row without a defective part before full.
    delta : float
        Chance that a rate is called shown although it is not, for each rate.
    """

    study_parts: int = 50
    study_trials: int = 3
    study_appraisers: int = 3
    drift_parts: int = 5000
    over_reliance: float = 0.10
    reliance_looks: int = 20
    seeded_looks: int = 20
    coverage: float = 0.8
    miss: float = 0.05
    false_alarm: float = 0.10
    escape: float = 0.005
    false_reject: float = 0.05
    clean_audits: int = 300
    delta: float = 0.05


@dataclass(frozen=True, slots=True)
class Tally:
    """``k`` errors among ``n`` parts."""

    k: int = 0
    n: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the log has counted.

    Attributes
    ----------
    level : Level
        In force.
    study_parts, study_trials, study_appraisers : int
        Of the newest finished attribute study that is large enough, else of the newest; 0 without one. The model is
        none of the appraisers.
    study_faults : tuple of str
        Whose figure is shown to be unacceptable there, or cannot be told.
    golden_answers : bool or None
        Whether the model in force gave its golden answers within the registry's tolerance when it was installed;
        ``None``: it was not installed by this station.
    only_model_missed, only_human_missed, both_found : int
        Defective parts, judged blind in shadow, that one of the two accepted, and that neither did.
    parts_without_drift : int or None
        Since the last drift alarm; ``None``: no guard watches for drift.
    advised : bool
        False where no model is in charge, as with a new product: inspectors then see no advice.
    over_reliance : Tally
        Second looks that followed wrong advice, among those of inspectors who had been right before; probes included.
    seeded_unaided, seeded_assisted : Tally
        Seeded defects that inspectors did not reject, without and with the model's answer in view.
    assisted : int
        Parts judged in assist without the model in view, which say how often such advice comes.
    coverage : float or None
        Lower bound of the share of parts that the certificate in force lets the model decide.
    rolled_back : bool
        Whether a rollback is on record since the model in charge came.
    misses, false_alarms : Tally
        The model's judgement at the cut on parts judged blind in shadow: defective accepted, good rejected.
    certificate_stands : bool or None
        Whether the thresholds in force come from a certificate that holds; ``None``: from no certificate.
    escapes, false_rejects : Tally
        Uniform audits of automatic accepts and rejects since the thresholds are in force.
    clean_audits : int
        Newest audited accepts in a row without a defective part.
    latched : tuple of str
        Guards that have stepped left and not been re-armed.
    parts_per_hour : float or None
        How many parts an hour add to the counts lately; ``None``: not known.
    made_per_hour : float or None
        How many parts are made in an hour lately, those that nobody judges included; ``None``: not known.
    """

    level: Level
    study_parts: int = 0
    study_trials: int = 0
    study_appraisers: int = 0
    study_faults: tuple[str, ...] = ()
    golden_answers: bool | None = None
    only_model_missed: int = 0
    only_human_missed: int = 0
    both_found: int = 0
    parts_without_drift: int | None = None
    advised: bool = True
    over_reliance: Tally = Tally()
    seeded_unaided: Tally = Tally()
    seeded_assisted: Tally = Tally()
    assisted: int = 0
    coverage: float | None = None
    rolled_back: bool = False
    misses: Tally = Tally()
    false_alarms: Tally = Tally()
    certificate_stands: bool | None = None
    escapes: Tally = Tally()
    false_rejects: Tally = Tally()
    clean_audits: int = 0
    latched: tuple[str, ...] = ()
    parts_per_hour: float | None = None
    made_per_hour: float | None = None
