"""The automation page's view of a data folder."""

from __future__ import annotations

from collections.abc import Callable

from inspector_app.automation.counting import Scores
from inspector_app.bootstrap.certifying import (
    apply_command,
    calibrated,
    certificate,
    from_log,
    in_force,
    keep,
    standing_now,
    thresholds_in_force,
)
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.gating import gates_now, settled_seeds, takt_s
from inspector_app.bootstrap.rollouts import start_command
from inspector_app.domain.contract import Contract
from inspector_app.domain.control import Command
from inspector_app.domain.logquery import LogFilter
from ui.automation.room import (
    Candidate,
    CertifyStage,
    Evidenced,
    KeptCertificate,
    Record,
    RolloutStart,
    ThresholdFigures,
)


class FolderAutomationRoom:
    """`AutomationRoom` on a data folder.

    Parameters
    ----------
    folder : DataFolder
        Open as long as the window.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def evidence(self) -> Evidenced:
        """Return what the log says now."""
        folder = self._folder
        report, evidence, limits = gates_now(folder)
        seeds = settled_seeds(folder)
        share = folder.settings.seeds.share
        wait_s = 60.0 * folder.settings.guards.audit_wait_min
        now = thresholds_in_force(folder)
        standing = now.certificate if now.standing is not None and now.standing.valid else None
        return Evidenced(report, evidence, limits, seeds, share, folder.settings.audits.plan(), wait_s, standing)

    def thresholds(self) -> ThresholdFigures:
        """Return what thresholds are chosen by."""
        folder = self._folder
        found, now = calibrated(folder, LogFilter()), thresholds_in_force(folder)
        kept = folder.log.certificates.all()
        used = None
        if now.certificate is not None and now.standing is not None:
            used = KeptCertificate(now.certificate, now.standing)
        newest = KeptCertificate(kept[-1], standing_now(folder, kept[-1])) if kept else None
        return ThresholdFigures(
            scores=Scores.of(found.parts),
            model="" if found.model is None else f"{found.model.name} {found.model.version}",
            in_force=used,
            newest=newest,
            contract=folder.settings.contract.contract(),
            takt_s=takt_s(folder),
            left_out={why.value: n for why, n in found.left_out.items()},
        )

    def certify(
        self, contract: Contract, on_stage: Callable[[CertifyStage], None], cancelled: Callable[[], bool]
    ) -> KeptCertificate | None:
        """Certify thresholds on the log's known verdicts, and keep the certificate if it certifies something."""
        on_stage(CertifyStage.READING)
        found = from_log(self._folder, LogFilter())
        if cancelled():
            return None
        on_stage(CertifyStage.SEARCHING)
        record = certificate(found, contract)
        if cancelled():
            return None
        on_stage(CertifyStage.KEEPING)
        keep(self._folder, record)
        return KeptCertificate(record, standing_now(self._folder, record))

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the models of the registry but the one in charge."""
        now, found = in_force(self._folder), []
        for each in self._folder.registry().models():
            manifest, entry = each.manifest, each.entry
            if manifest is None or (now is not None and manifest.identity == now.model):
                continue
            source = "bundled" if entry is None else entry.source
            found.append(Candidate(manifest.identity.name, manifest.identity.version, source, each.problem))
        return tuple(found)

    def start(self, start: RolloutStart, by: str, because: str) -> Command:
        """Return the command that begins a rollout."""
        return start_command(
            self._folder, start.model, start.name or None, by, because, from_nothing=start.from_nothing
        )

    def command(self, record: Record, by: str, because: str) -> Command:
        """Return the command that puts a certificate in force; `CertificateRefused` if it is void."""
        return apply_command(self._folder, dict(record), by, because)
