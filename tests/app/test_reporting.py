"""The report of a real log, files of decisions brought in, and the log taken out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.exporting import PART_COLUMNS, VERDICT_COLUMNS, export_log
from inspector_app.bootstrap.fingerprints import code_sha256, settings_sha256
from inspector_app.bootstrap.importing import ImportRequest, import_decisions, words_of
from inspector_app.bootstrap.reporting import REPORT_FORMATS, agreement_content, agreement_json, write_agreement
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.cli.app import app
from inspector_app.domain.control import Level
from inspector_app.domain.errors import ImportRefused, LogUnavailable, Stopped
from inspector_app.domain.logquery import LogFilter

NEVER = bool
QUIET = {"on_progress": lambda *_: None, "cancelled": NEVER}
GOOD = "part,human,model,truth,inspector,version,at\nP1,accept,reject,good,Ana,m 1,2025-01-01\nP2,NOK,bad,,Bo,,\n"


@pytest.fixture(scope="module")
def shift(tmp_path_factory) -> Path:
    """Return a data folder with eight parts judged by truth at shadow, where model and truth differ now and then."""
    folder = tmp_path_factory.mktemp("shift")
    request = RunRequest(source="synthetic:?size=96x96&parts=8&defects=0.6", level=Level.SHADOW, decider="truth")
    run_parts(folder, request, on_entry=lambda _: None, say=lambda _: None, cancelled=NEVER)
    return folder


@pytest.fixture
def data(shift):
    with open_data(shift) as folder:
        yield folder


@pytest.fixture
def empty(tmp_path):
    with open_data(tmp_path / "empty") as folder:
        yield folder


def test_all_formats_are_written_and_carry_one_fingerprint(data, tmp_path):
    content = agreement_content(data, LogFilter())
    paths = write_agreement(content, tmp_path / "a" / "b", REPORT_FORMATS)
    assert {path.name for path in paths} >= {"agreement.pdf", "agreement.xlsx", "agreement.csv", "agreement.json"}
    assert not list((tmp_path / "a").rglob("*.part"))
    record = json.loads((tmp_path / "a" / "b" / "agreement.json").read_text())
    assert record == json.loads(json.dumps(agreement_json(content)))
    assert record["document"]["fingerprint"] == content.document.fingerprint
    facts = record["header"]["facts"]
    assert facts["code sha256"] == code_sha256()
    assert facts["settings sha256"].startswith("no station.toml")
    assert record["document"]["tables"]["models"]["rows"][0][4] == 8


def test_a_name_that_is_spelled_otherwise_on_record_is_pointed_at(shift, tmp_path):
    """A report without parts would look like an inspector without verdicts."""

    def said(name):
        command = ["report", "agreement", "--format", "json", "--out", str(tmp_path), "--inspector", name]
        done = CliRunner().invoke(app, [*command, "--data", str(shift)])
        assert done.exit_code == 0
        return done.stderr

    assert "No verdict of TRUTH is in the log; on record is truth." in said("TRUTH")
    assert "on record" not in said("truth")
    assert "on record" not in said(" nobody ")


def test_disagreements_are_listed_with_their_pictures(data):
    differing = data.log.reader.count(LogFilter(disagreement=True))
    content = agreement_content(data, LogFilter())
    rows = next(t for t in content.document.tables() if t.key == "disagreements").rows if differing else ()
    assert len(rows) == differing > 0
    sheet = next(s for s in content.document.sections if s.title.startswith("Parts on which")).blocks[-1]
    assert [card.title for card in sheet.cards] == [row[0] for row in rows]
    assert all(card.picture.jpeg.startswith(b"\xff\xd8") for card in sheet.cards)


def test_a_picture_that_is_gone_is_named_instead(data, tmp_path, monkeypatch):
    def gone(_stored):
        raise LogUnavailable("corrupt", "The picture file is gone.")

    monkeypatch.setattr(type(data.log.pictures), "read", lambda _self, stored: gone(stored))
    content = agreement_content(data, LogFilter())
    sheet = next(s for s in content.document.sections if s.title.startswith("Parts on which")).blocks[-1]
    assert {card.picture for card in sheet.cards} == {"The picture file is gone."}


def test_a_report_can_be_stopped_and_says_how_far_it_is(data):
    told = []
    agreement_content(data, LogFilter(), lambda done, total: told.append((done, total)))
    assert told
    assert told[-1][0] == told[-1][1]
    with pytest.raises(Stopped, match="nothing was written"):
        agreement_content(data, LogFilter(), cancelled=lambda: True)


def test_an_empty_log_and_an_empty_period_make_a_report(empty, data, tmp_path):
    for folder, which in ((empty, LogFilter()), (data, LogFilter(since=datetime(2100, 1, 1, tzinfo=UTC)))):
        content = agreement_content(folder, which)
        assert write_agreement(content, tmp_path / "r", REPORT_FORMATS)
        assert content.figures.headline.table.n == 0
        json.dumps(agreement_json(content), allow_nan=False)


def test_a_period_before_a_command_leaves_the_command_out(data):
    first = data.log.reports.counted_parts(LogFilter()).span.first
    content = agreement_content(data, LogFilter(until=first - timedelta(days=1)))
    assert next(t for t in content.document.tables() if t.key == "steps").rows == ()


def test_a_folder_that_cannot_be_written_is_one_sentence(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LogUnavailable, match="cannot be written"):
        write_agreement(agreement_content(data, LogFilter()), tmp_path / "file", ("csv",))


def test_the_settings_have_a_fingerprint(tmp_path):
    (tmp_path / "station.toml").write_text('[station]\nid = "s"\n')
    assert len(settings_sha256(tmp_path)) == 64


def bring_in(folder, tmp_path, text, columns=None, name="old.csv", **more):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_decisions(folder, ImportRequest(path, columns or {}, **more), **QUIET)


def test_decisions_brought_in_are_reported_apart(empty, tmp_path):
    made = bring_in(empty, tmp_path, GOOD)
    assert made.rows == 2
    content = agreement_content(empty, LogFilter())
    (table,) = content.figures.imported
    assert (table.table.model_rejects, table.table.both_reject, table.table.n) == (1, 1, 2)
    assert table.human.false_alarm.n == 1
    assert content.figures.headline.table.n == 0
    assert all(p.accept + p.reject + p.unsure == 0 for p in content.figures.provenance)
    section = next(s for s in content.document.sections if s.title == "Decisions from outside")
    assert "brought in from a file" in section.blocks[0].text


def test_columns_and_words_can_be_mapped(empty, tmp_path):
    text = "\ufeffTeil;,Mensch,KI\n1,gut,schlecht\n2,unsure,\n"
    words = words_of(["Gut"], ["Schlecht"])
    made = bring_in(empty, tmp_path, text, {"part": "Teil;", "human": "Mensch", "model": "KI"}, words=words)
    assert made.rows == 2
    with pytest.raises(ImportRefused, match="'ok' cannot mean both"):
        words_of(["OK"], ["ok"])


@pytest.mark.parametrize(
    ("text", "columns", "sentence"),
    [
        (GOOD.replace("NOK", "maybe"), {}, "line 3: human is 'maybe'; allowed are accept"),
        (GOOD.replace("reject", "perhaps"), {}, "line 2: model is 'perhaps'"),
        (GOOD.replace("good", "great"), {}, "line 2: truth is 'great'"),
        (GOOD.replace("2025-01-01", "yesterday"), {}, "line 2: at is 'yesterday'"),
        (GOOD.replace("P2", ""), {}, "line 3 names no part"),
        (GOOD + "P1,accept,accept,good,Ana,m 1,2025-01-01\n", {}, "line 4 repeats line 2"),
        (GOOD + "P9,accept\n", {}, "line 4 has 2 cells, the heading has 7"),
        ("part,human,model\n", {}, "holds no decision"),
        ("", {}, "has no column 'part' for part; its heading has nothing"),
        (GOOD, {"model": "KI"}, r"has no column 'KI' for model.*--map model=HEADING"),
        (GOOD, {"colour": "x"}, "'colour' is nothing that can be mapped"),
        (GOOD.replace("truth", "human"), {}, "has the column 'human' more than once"),
        (GOOD.encode("utf-16"), {}, "is no CSV in UTF-8"),
        ('part,human,model\n"P1,accept,accept\n', {}, "is no CSV in UTF-8"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_leaves_nothing(empty, tmp_path, text, columns, sentence):
    with pytest.raises(ImportRefused, match=sentence) as caught:
        bring_in(empty, tmp_path, text, columns)
    assert "\n" not in str(caught.value)
    assert empty.log.imports.files() == ()


def test_a_missing_file_a_second_time_and_a_stop(empty, tmp_path):
    with pytest.raises(ImportRefused, match="cannot be read: No such file"):
        import_decisions(empty, ImportRequest(tmp_path / "none.csv", {}), **QUIET)
    with pytest.raises(Stopped):
        import_decisions(empty, ImportRequest(_written(tmp_path), {}), lambda _: None, lambda: True)
    bring_in(empty, tmp_path, GOOD)
    with pytest.raises(ImportRefused, match="brought in already"):
        bring_in(empty, tmp_path, GOOD, name="again.csv")


def _written(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(GOOD)
    return path


def test_the_log_goes_out_as_flat_tables(data, tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    paths = export_log(data, LogFilter(), tmp_path, ("csv", "parquet"), **QUIET)
    assert [path.name for path in paths] == ["parts.csv", "verdicts.csv", "parts.parquet", "verdicts.parquet"]
    entries = list(data.log.reader.entries(LogFilter()))
    for name, columns, rows in (
        ("parts", PART_COLUMNS, len(entries)),
        ("verdicts", VERDICT_COLUMNS, sum(len(entry.verdicts) for entry in entries)),
    ):
        with (tmp_path / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        table = parquet.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert len(lines) == len(table) == rows > 0
        assert list(lines[0]) == list(table[0]) == list(columns)
        for line, row in zip(lines, table, strict=True):
            for column, kind in columns.items():
                shown = {"flag": lambda v: str(v).lower(), "real": repr, "whole": repr}.get(kind, str)
                assert line[column] == ("" if row[column] is None else shown(row[column]))


def test_an_export_that_is_stopped_leaves_nothing(data, tmp_path):
    with pytest.raises(Stopped):
        export_log(data, LogFilter(), tmp_path, ("csv",), lambda *_: None, lambda: True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(LogUnavailable, match="cannot be written"):
        export_log(data, LogFilter(), tmp_path / "file", ("csv",), **QUIET)


def test_filters_reach_the_report(data):
    shadow = agreement_content(data, LogFilter(level=Level.SHADOW)).figures.headline.table
    none = agreement_content(data, replace(LogFilter(), station="elsewhere")).figures.headline.table
    assert shadow.n > 0
    assert none.n == 0
