"""A guided study on a real data folder: parts of a run, the bundled model as an appraiser, the file for QA."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inspector_app.agreement.study.analysis import Wanted, analyse
from inspector_app.agreement.study.guided import completed_study, next_place, standing_answers
from inspector_app.agreement.study.reading import read_study
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.bootstrap.study_room import FolderStudyRoom
from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.study import StudyAnswer, StudyFault, StudyPlan


@pytest.mark.slow
def test_a_study_from_the_log_to_the_file(tmp_path):
    request = RunRequest("synthetic:?seed=5&size=320x480&defects=0.5", ("none",), Level.HUMAN_ONLY, None, "truth", 8)
    run_parts(tmp_path, request, on_entry=lambda _entry: None, say=lambda _text: None, cancelled=lambda: False)
    with open_data(tmp_path) as folder:
        room = FolderStudyRoom(folder)
        known = room.known_parts()
        entries = {
            entry.inspection.inspection_id: entry.inspection for entry in folder.log.reader.search(LogFilter(), 100)
        }
        assert {part.inspection_id for part in known} == set(entries)
        assert all(entries[part.inspection_id].reference.judgement is part.reference for part in known)
        model = room.model_name()
        plan = StudyPlan("ab" * 16, "May", "Erika", datetime.now(UTC), tuple(known), ("=Ana",), model, 0.5, 1, 7)
        room.begin(plan)
        for who in plan.judges:
            answers = standing_answers(room.answers(plan.study_id))
            while (place := next_place(plan, answers, who)) is not None:
                judgement = room.model_judgement(place.inspection_id, plan.cut) if who == model else Judgement.REJECT
                answer = StudyAnswer(
                    plan.study_id, who, place.inspection_id, place.trial, 1, judgement, datetime.now(UTC), 1.5
                )
                room.record(answer)
                answers[who, place.trial, place.inspection_id] = answer
        with room.export(plan).open(encoding="utf-8", newline="") as lines:
            read = read_study(lines, "study.csv")
        assert read.appraisers == ("'=Ana", model)  # no spreadsheet takes the name for a formula
        done = completed_study(plan, standing_answers(room.answers(plan.study_id)))
        assert analyse(done, Wanted(draws=200)).between == analyse(read, Wanted(draws=200)).between
        with pytest.raises(StudyFault, match="no stored picture"):
            room.model_judgement("nothing", 0.5)
        assert folder.log.verify().intact
        room.close()
        room.close()
