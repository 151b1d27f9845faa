"""What a guided study takes from a data folder: parts with known truth, the model as an appraiser, exports."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from inspector_app.agreement.study.as_csv import study_csv
from inspector_app.agreement.study.guided import standing_answers
from inspector_app.bootstrap.data import DataFolder
from inspector_app.domain.errors import LogProblem, LogUnavailable, ModelError
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.ports import Classifier
from inspector_app.domain.study import StudyAnswer, StudyFault, StudyPart, StudyPlan

_MOST_KNOWN = 20_000


class FolderStudyRoom:
    """`inspector_app.domain.study.StudyRoom` on an open data folder; safe to call from several threads.

    Parameters
    ----------
    folder : DataFolder
        Log, pictures and settings.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._classifier: Classifier | None = None

    def plans(self) -> Sequence[StudyPlan]:
        """Return all studies of this station, newest first."""
        return self._folder.log.studies.plans()

    def begin(self, plan: StudyPlan) -> None:
        """Commit a plan."""
        self._folder.log.studies.begin(plan)

    def record(self, answer: StudyAnswer) -> None:
        """Commit one answer."""
        self._folder.log.studies.record(answer)

    def answers(self, study_id: str) -> Sequence[StudyAnswer]:
        """Return the answers of a study in the order in which they were given."""
        return self._folder.log.studies.answers(study_id)

    def known_parts(self) -> Sequence[StudyPart]:
        """Return parts with a stored picture and a known truth or an adjudication, newest first."""
        return self._folder.log.studies.known_parts(_MOST_KNOWN)

    def model_name(self) -> str | None:
        """Return ``"name version"`` of the model of the settings, ``None`` if it cannot be loaded."""
        try:
            with self._lock:
                identity = self._model().model
        except ModelError:
            return None
        return f"{identity.name} {identity.version}"

    def model_judgement(self, inspection_id: str, cut: float) -> Judgement:
        """Let the model judge a part's stored picture anew.

        Raises
        ------
        StudyFault
            If there is no picture or no probability.
        """
        entry = self._folder.log.reader.entry(inspection_id)
        stored = None if entry is None else entry.stored_picture
        if stored is None or stored.state is not PictureState.STORED:
            raise StudyFault(f"There is no stored picture of inspection {inspection_id}.")
        pixels = self._folder.log.pictures.read(stored)
        with self._lock:
            prediction = self._model().predict(pixels)
        if prediction.probability is None:
            raise StudyFault(f"The model gave no answer on inspection {inspection_id}: {prediction.detail}")
        return Judgement.REJECT if prediction.probability >= cut else Judgement.ACCEPT

    def export(self, plan: StudyPlan) -> Path:
        """Write the standing answers as CSV under ``exports`` and return the file."""
        path = self._folder.path / "exports" / f"study-{plan.study_id}.csv"
        text = study_csv(plan, standing_answers(self.answers(plan.study_id)))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise LogUnavailable(LogProblem.READ_ONLY, f"{path} cannot be written: {error.strerror}.") from error
        return path

    def close(self) -> None:
        """Free the model; idempotent."""
        with self._lock:
            if self._classifier is not None:
                self._classifier.close()
                self._classifier = None

    def _model(self) -> Classifier:
        """Return a model of the study's own, loaded when first asked for: the station's belongs to its thread."""
        if self._classifier is None:
            self._classifier = self._folder.classifier()
        return self._classifier
