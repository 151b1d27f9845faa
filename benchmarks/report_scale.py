"""A report over a million decisions, against the same figures by pandas, scikit-learn and statsmodels.

Ours is the whole command in a process of its own, all four formats included. Theirs is a process that loads the same
columns of the same file into pandas and computes the two-way table, kappa, specific agreement, McNemar and intervals
of the headline alone. Their figures and ours are compared to 1e-9.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.domain.control import Level

DECISIONS = 1_000_000
DAYS = 365
REJECTS = 0.01
STATES = ("shadow", "assist", "partial")
_US_A_DAY = 86_400_000_000

_THEIRS = """
import json, sqlite3, sys
import pandas as pd
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint
frame = pd.read_sql(
    "SELECT answer, model_judgement, kind, level, reference, by FROM verdicts WHERE NOT retracted",
    sqlite3.connect(sys.argv[1]),
)
blind = frame[frame.kind.isin(["unaided", "audit"]) & frame.model_judgement.notna() & (frame.answer != "unsure")]
table = confusion_matrix(blind.answer, blind.model_judgement, labels=["reject", "accept"])
(a, b), (c, d) = table.tolist()
kappa = cohens_kappa(table)
bad = blind[blind.reference == "reject"]
missed = int((bad.model_judgement == "accept").sum())
print(json.dumps({
    "counts": [a, b, c, d],
    "kappa": cohen_kappa_score(blind.answer, blind.model_judgement),
    "kappa_se": kappa.std_kappa,
    "on_rejects": f1_score(blind.answer, blind.model_judgement, pos_label="reject"),
    "on_accepts": f1_score(blind.answer, blind.model_judgement, pos_label="accept"),
    "mcnemar": float(mcnemar(table, exact=True).pvalue),
    "wilson": list(proportion_confint(a + d, a + b + c + d, method="wilson")),
    "exact": list(proportion_confint(missed, len(bad), method="beta")),
    "miss": [missed, len(bad)],
}))
"""


def facts(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Yield number, level, model judgement, answer, truth, inspector, kind, µs, draw and score of each decision."""
    bad = rng.random(DECISIONS) < REJECTS
    model = np.where(bad, rng.random(DECISIONS) < 0.97, rng.random(DECISIONS) < 0.004)
    human = np.where(bad, rng.random(DECISIONS) < 0.9, rng.random(DECISIONS) < 0.002)
    levels = rng.choice(STATES, DECISIONS, p=[0.5, 0.3, 0.2])
    drawn = rng.random(DECISIONS)
    kinds = np.where(
        levels == "partial", np.where(drawn < 0.1, "audit", "aided"), np.where(drawn < 0.8, "unaided", "aided")
    )
    people = rng.choice([f"inspector {n:02d}" for n in range(12)], DECISIONS)
    times = 1_767_225_600_000_000 + np.sort(rng.integers(0, DAYS * _US_A_DAY, DECISIONS))
    scores = np.where(model, 0.5 + 0.5 * rng.random(DECISIONS), 0.5 * rng.random(DECISIONS) ** 4)
    words = np.array(["accept", "reject"])
    columns = (levels, words[model * 1], words[human * 1], words[bad * 1], people, kinds, times, drawn, scores)
    yield from zip(range(DECISIONS), *(column.tolist() for column in columns), strict=True)


def fill(path: Path) -> None:
    """Multiply the one part that is in the log; the audit chain is left out, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE f (i, level, model, answer, truth, person, kind, at, u, score)")
    connection.executemany("INSERT INTO f VALUES (?,?,?,?,?,?,?,?,?,?)", facts(np.random.default_rng(1)))
    newest = "(SELECT * FROM control_changes ORDER BY version DESC LIMIT 1) t"
    for level in STATES:
        own = {"number": "NULL", "level": f"'{level}'", "version": "version + 1", "before_version": "version"}
        insert(connection, "control_changes", own | {"audit_share": "0.1", "unaided_share": "0.8"}, newest)
    last = connection.execute("SELECT MAX(version) FROM control_changes").fetchone()[0]
    version = " ".join(f"WHEN '{level}' THEN {last - 2 + n}" for n, level in enumerate(STATES))
    part = {
        "number": "NULL", "seq": "1000 + i", "inspection_id": "'i' || i", "part_id": "'part-' || i",
        "captured_us": "at", "level": "f.level", "model_judgement": "model", "reference": "f.truth",
        "control_version": f"CASE f.level {version} END", "probability": "score",
        "reference_source": "'annotation'", "disposition": "answer", "disagrees": "answer <> model",
        "pixels_sha256": "printf('%064x', i)", "turns": "1",
        "route": "CASE WHEN f.level = 'partial' THEN 'model_' || model ELSE 'human' END",
        "audit_drawn": "CASE WHEN f.level = 'partial' THEN kind = 'audit' END",
        "audit_probability": "CASE WHEN f.level = 'partial' THEN 0.1 END",
        "audit_u": "CASE WHEN f.level = 'partial' THEN u END",
        "first_look_drawn": "CASE WHEN f.level = 'assist' THEN kind = 'unaided' END",
        "first_look_probability": "CASE WHEN f.level = 'assist' THEN 0.8 END",
        "first_look_u": "CASE WHEN f.level = 'assist' THEN u END",
        "truth": "CASE WHEN kind <> 'aided' THEN answer END",
    }  # fmt: skip
    verdict = {
        "number": "NULL", "seq": "2000000 + i", "verdict_id": "'v' || i", "inspection_id": "'i' || i", "by": "person",
        "answer": "f.answer", "kind": "f.kind", "at_us": "at", "captured_us": "at", "level": "f.level",
        "model_judgement": "model", "reference": "f.truth", "disposition": "f.answer",
        "route": part["route"],
    }  # fmt: skip
    for table, own in (("inspections", part), ("verdicts", verdict)):
        insert(connection, table, own, f"f, (SELECT * FROM {table} ORDER BY number LIMIT 1) t")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def insert(connection: sqlite3.Connection, table: str, own: dict[str, str], source: str) -> None:
    """Copy rows; columns that ``own`` does not name are taken from ``t``."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    picked = ", ".join(own.get(name, f't."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT {picked} FROM {source}")


def timed(*command: str) -> tuple[float, int, str]:
    """Run a command and return seconds, most resident memory in bytes, and its standard output."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _MEASURED, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        out, err = child.communicate()
    if child.returncode:
        raise SystemExit(err)
    return time.perf_counter() - began, int(err.strip().splitlines()[-1]) * 1024, out


_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    """Return the largest difference between our figures and theirs; counts must be equal."""
    headline = ours["tables"][0]
    counts, figures, model = headline["counts"], headline["agreement"], headline["model_against_truth"]
    found = [counts[name] for name in ("both_reject", "human_rejects", "model_rejects", "both_accept")]
    if found != theirs["counts"] or [model["miss"]["k"], model["miss"]["n"]] != theirs["miss"]:
        raise SystemExit(f"the counts differ: {found} and {theirs['counts']}")
    observed, exact = figures["observed"]["intervals"][0], model["miss"]["intervals"][1]
    pairs = [
        (figures["kappa"]["estimate"], theirs["kappa"]),
        (figures["kappa"]["standard_error"], theirs["kappa_se"]),
        (figures["on_rejects"]["estimate"], theirs["on_rejects"]),
        (figures["on_accepts"]["estimate"], theirs["on_accepts"]),
        (figures["mcnemar_p"], theirs["mcnemar"]),
        (observed["low"], theirs["wilson"][0]),
        (observed["high"], theirs["wilson"][1]),
        (exact["low"], theirs["exact"][0]),
        (exact["high"], theirs["exact"][1]),
    ]
    return max(abs(our - their) for our, their in pairs)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder, out = Path(name) / "data", Path(name) / "out"
        request = RunRequest(source="synthetic:?size=96x96&parts=1", level=Level.SHADOW, decider="truth")
        run_parts(folder, request, on_entry=lambda _: None, say=lambda _: None, cancelled=lambda: False)
        with open_data(folder):
            pass
        fill(folder / "station.db")
        print(f"Agreement report over {DECISIONS} decisions in a year, SQLite")
        base = [sys.executable, "-P", "-m", "inspector_app", "report", "agreement", "--data", str(folder)]
        for formats in ("json", "pdf,xlsx,csv,json"):
            for turn in ("first", "again"):
                seconds, memory, _ = timed(*base, "--out", str(out), "--format", formats)
                print(f"ours: the command, {formats:<18} {turn}  {seconds:6.2f} s   {memory / 2**20:6.0f} MiB")
        theirs_s, theirs_memory, text = timed(sys.executable, "-c", _THEIRS, str(folder / "station.db"))
        print(f"theirs: pandas, scikit-learn, statsmodels        {theirs_s:6.2f} s   {theirs_memory / 2**20:6.0f} MiB")
        print(f"{'ratio':<48} {seconds / theirs_s:6.2f} x   {memory / theirs_memory:6.2f} x")
        worst = compare(json.loads((out / "agreement.json").read_text()), json.loads(text))
        print(f"largest difference of a figure {worst:.1e}")
        if worst > 1e-9:
            raise SystemExit("the figures differ by more than 1e-9")


if __name__ == "__main__":
    main()
