"""QA's work on studies: from a file of decisions to the figures of an attribute study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inspector_app.agreement.study.analysis import StudyResult, Wanted, analyse
from inspector_app.agreement.study.choices import Positive
from inspector_app.agreement.study.reading import read_study
from inspector_app.agreement.study.values import StudyRefused


def study_file(
    path: Path, wanted: Wanted, positive: Positive | None, on_progress: Callable[[int, int], None]
) -> StudyResult:
    """Analyse a CSV file of decisions.

    Raises
    ------
    StudyRefused
        With one sentence that names the file, the line, and what is allowed.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            study = read_study(lines, str(path), positive)
    except OSError as error:
        raise StudyRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise StudyRefused(f"{path} is no text in UTF-8.") from error
    return analyse(study, wanted, on_progress)
