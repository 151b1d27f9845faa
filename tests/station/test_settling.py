"""Parts that the line may not have heard of are settled with a name and a reason, and then no longer reported."""

from __future__ import annotations

import pytest

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition
from inspector_app.station.settling import INCIDENT, SettlingRefused, settle, unsettled


@pytest.fixture
def log(make_rig, kit):
    """A log with an accepted, a rejected and a held part, of none of which the line is known to have heard."""
    model = kit.Classifier(lambda number: kit.prediction(0.99 if number else 0.0))
    rig = make_rig([kit.frame(0), kit.frame(1), kit.unusable(2)], classifier=model, level=Level.FULL)
    rig.run_out()
    rig.station.stop(kit.PATIENCE_S)
    rig.log.told.clear()
    rig.log.incidents.clear()
    return rig.log


def names(entries):
    return [entry.inspection.part_id for entry in entries]


def test_a_part_on_hold_needs_no_settling(log):
    assert [entry.disposition for entry in unsettled(log)] == [Disposition.ACCEPT, Disposition.REJECT]


def test_a_settled_part_is_told_with_who_and_why_before_it(log, kit):
    first, second = names(unsettled(log))
    settled = settle(log, [second], " R. Diaz ", "seen in the reject bin", kit.now())
    assert names(settled) == [second]
    assert names(unsettled(log)) == [first]
    [(kind, sentence)] = log.incidents
    assert kind == INCIDENT
    for word in ("R. Diaz", f"{second} reject", "seen in the reject bin"):
        assert word in sentence
    assert first not in sentence


def test_all_are_settled_at_once_and_again_is_nothing(log, kit):
    assert len(settle(log, None, "R. Diaz", "walked the line", kit.now())) == 2
    noted = len(log.incidents)
    assert settle(log, None, "R. Diaz", "walked the line", kit.now()) == ()
    assert len(log.incidents) == noted


@pytest.mark.parametrize(("by", "because"), [("", "seen"), ("R. Diaz", "  ")])
def test_nameless_and_groundless_settling_is_refused(log, kit, by, because):
    with pytest.raises(SettlingRefused):
        settle(log, None, by, because, kit.now())
    assert len(unsettled(log)) == 2


def test_a_part_that_is_not_open_is_named_and_nothing_is_settled(log, kit):
    first = names(unsettled(log))[0]
    with pytest.raises(SettlingRefused, match="nobody-knows-it"):
        settle(log, [first, "nobody-knows-it"], "R. Diaz", "seen", kit.now())
    assert len(unsettled(log)) == 2
    assert log.incidents == []
