"""The attribute study against published values, against other libraries, and as properties."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from inspector_app.agreement.study.analysis import MOST_PAIRS, Wanted, analyse
from inspector_app.agreement.study.as_json import chosen_interval, study_record
from inspector_app.agreement.study.as_text import study_lines
from inspector_app.agreement.study.bands import (
    FALSE_ALARM,
    MISS,
    Band,
    judge_errors,
    judge_kappa,
)
from inspector_app.agreement.study.choices import IntervalChoice, Positive
from inspector_app.agreement.study.reading import read_study
from inspector_app.agreement.study.resampling import PartResamples
from inspector_app.agreement.study.values import Study, StudyRefused
from inspector_app.agreement.values import Interval, IntervalMethod, NotMeasurable

_spec = importlib.util.spec_from_file_location("aiag_study", Path(__file__).with_name("aiag_study.py"))
aiag_study = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(aiag_study)

HEADER = "part,appraiser,trial,decision,reference\n"


@pytest.fixture(scope="module")
def aiag():
    return read_study(aiag_study.aiag_lines(), "aiag.csv", Positive.GOOD)


@pytest.fixture(scope="module")
def result(aiag):
    return analyse(aiag, Wanted())


@pytest.fixture(scope="module")
def record(result):
    return study_record(result, IntervalChoice.CLOPPER_PEARSON, Positive.BAD)


def small(rejected, reference=None, parts=None):
    flags = np.array(rejected, np.bool_)
    names = [tuple(str(i) for i in range(size)) for size in flags.shape]
    return Study(parts or names[0], *names[1:], flags, None if reference is None else np.array(reference, np.bool_))


# AIAG's published counts; kappa as printed there to two digits, Fleiss as Minitab prints it.
@pytest.mark.parametrize(
    ("name", "effective", "miss", "false_alarm", "cohen", "fleiss", "within"),
    [
        ("A", 42, 3, 5, 0.88, 0.880236, 0.760000),
        ("B", 45, 3, 2, 0.92, 0.922612, 0.845073),
        ("C", 40, 6, 9, 0.77, 0.774703, 0.702911),
    ],
)
def test_aiag_appraisers(record, name, effective, miss, false_alarm, cohen, fleiss, within):
    figures = record["appraisers"][name]
    assert (figures["effectiveness"]["k"], figures["effectiveness"]["n"]) == (effective, 50)
    assert (figures["within"]["k"], figures["within"]["n"]) == (effective, 50)
    assert (figures["miss"]["k"], figures["miss"]["n"]) == (miss, 48)
    assert (figures["false_alarm"]["k"], figures["false_alarm"]["n"]) == (false_alarm, 102)
    assert round(figures["kappa_cohen_vs_reference"], 2) == cohen
    assert figures["kappa_fleiss_vs_reference"] == pytest.approx(fleiss, abs=5e-7)
    assert figures["kappa_fleiss_within"] == pytest.approx(within, abs=5e-7)
    assert figures["kappas"]["fleiss_within"]["null_standard_error"] == pytest.approx(0.0816497, abs=5e-8)


def test_aiag_pairs_and_system(record):
    assert record["pairs"]["A*B"]["table"] == [[44, 6], [3, 97]]
    assert record["pairs"]["A*C"]["table"] == [[43, 7], [8, 92]]
    assert record["pairs"]["B*C"]["table"] == [[42, 5], [9, 94]]
    kappas = [round(record["pairs"][pair]["kappa_cohen"], 4) for pair in ("A*B", "A*C", "B*C")]
    assert kappas == [0.8629, 0.7761, 0.7880]
    between, system = record["between"], record["all_vs_reference"]
    assert (between["k"], system["k"], system["n"]) == (39, 39, 50)
    assert between["kappa_fleiss"] == pytest.approx(0.793606, abs=5e-7)
    assert between["kappas"]["fleiss"]["null_standard_error"] == pytest.approx(0.0235702, abs=5e-8)
    assert between["kappas"]["fleiss"]["z"] == pytest.approx(33.67, abs=5e-3)
    assert system["kappa_fleiss"] == pytest.approx(0.859184, abs=5e-7)
    assert system["kappas"]["fleiss"]["null_standard_error"] == pytest.approx(0.0471405, abs=5e-8)


def test_aiag_intervals_and_signal_detection(record, result):
    a, b = record["appraisers"]["A"], record["appraisers"]["B"]
    assert (a["effectiveness"]["low"], a["effectiveness"]["high"]) == pytest.approx((0.7089, 0.9283), abs=5e-5)
    assert (b["effectiveness"]["low"], b["effectiveness"]["high"]) == pytest.approx((0.7819, 0.9667), abs=5e-5)
    assert record["all_vs_reference"]["low"] == pytest.approx(0.6404, abs=5e-5)
    wilson = study_record(result, IntervalChoice.WILSON, Positive.BAD)["appraisers"]["C"]["effectiveness"]
    assert (wilson["low"], wilson["high"]) == pytest.approx((0.6696, 0.8876), abs=5e-5)
    # JMP counts every decision: 142 of 150 (Wilson).
    decisions = study_record(result, IntervalChoice.WILSON, Positive.BAD)["appraisers"]["A"]["decision_effectiveness"]
    assert (decisions["k"], decisions["n"]) == (142, 150)
    assert (decisions["low"], decisions["high"]) == pytest.approx((0.8983, 0.9727), abs=5e-5)
    detections = [record["appraisers"][name]["detection"] for name in "ABC"]
    assert [d["d_prime"] for d in detections] == pytest.approx([3.078, 3.438, 2.441], abs=5e-4)
    assert [d["criterion"] for d in detections] == pytest.approx([0.074, 0.254, 0.107], abs=5e-4)


def test_interval_of_kappa_counts_parts_not_decisions(aiag):
    # Appraiser C against the reference: naive standard error 0.0551, by drawing parts 0.070.
    rejected, reference = aiag.rejected[:, 2], aiag.reference
    table = [[(rejected & reference[:, None]).sum(), (rejected & ~reference[:, None]).sum()],
             [(~rejected & reference[:, None]).sum(), (~rejected & ~reference[:, None]).sum()]]  # fmt: skip
    naive = cohens_kappa(np.array(table))
    assert naive.std_kappa == pytest.approx(0.0551, abs=5e-5)
    drawn = analyse(aiag, Wanted(draws=4000)).appraisers[2].kappa_cohen_vs_reference
    assert drawn.estimate == pytest.approx(naive.kappa, abs=1e-12)
    width = (drawn.interval.high - drawn.interval.low) / (2 * 1.959964)
    assert 0.062 < width < 0.080
    assert drawn.interval.high - drawn.interval.low > naive.kappa_upp - naive.kappa_low


def test_positive_good_turns_tables_and_criterion_and_nothing_else(result, record):
    turned = study_record(result, IntervalChoice.CLOPPER_PEARSON, Positive.GOOD)
    assert turned["pairs"]["A*B"]["table"] == [[97, 3], [6, 44]]
    for name in "ABC":
        ours, aiags = record["appraisers"][name], turned["appraisers"][name]
        assert aiags["detection"]["criterion"] == -ours["detection"]["criterion"]
        assert {k: v for k, v in aiags.items() if k != "detection"} == {
            k: v for k, v in ours.items() if k != "detection"
        }


def test_zeros_and_ones_mean_the_opposite_under_the_other_positive(aiag):
    other = read_study(aiag_study.aiag_lines(), "aiag.csv", Positive.BAD)
    assert (other.rejected == ~aiag.rejected).all()
    assert (other.reference == ~aiag.reference).all()


def test_bands_are_judged_on_the_interval(record):
    bands = record["appraisers"]["B"]["bands"]
    assert bands["effectiveness"]["estimate_is"] == "acceptable"
    assert bands["effectiveness"]["shown"] == "marginal"
    assert record["appraisers"]["A"]["bands"]["false_alarm"] == {
        "estimate_is": "acceptable", "shown": None, "one_sided_bound": pytest.approx(0.1003, abs=5e-5), "needed": 106,
    }  # fmt: skip


def test_48_bad_decisions_can_never_show_a_miss_rate_of_two_percent():
    verdict = judge_errors(0, 48, MISS, level=0.95)
    assert verdict.point is Band.ACCEPTABLE
    assert verdict.shown is None
    assert verdict.bound == pytest.approx(0.0605, abs=5e-5)
    assert verdict.needed == 149 - 48
    assert judge_errors(0, 149, MISS, level=0.95).shown is Band.ACCEPTABLE
    assert judge_errors(0, 149, MISS, level=0.95).needed == 0
    assert judge_errors(0, 148, MISS, level=0.95).shown is Band.MARGINAL


@pytest.mark.parametrize(
    ("errors", "n", "point", "shown", "needed"),
    [
        (10, 10, Band.UNACCEPTABLE, Band.UNACCEPTABLE, None),
        (1, 10, Band.MARGINAL, None, 46 - 10),
        (30, 100, Band.UNACCEPTABLE, Band.UNACCEPTABLE, None),
        (300_000, 6_100_000, Band.ACCEPTABLE, Band.ACCEPTABLE, 0),
    ],
)
def test_judged_errors(errors, n, point, shown, needed):
    verdict = judge_errors(errors, n, FALSE_ALARM, level=0.95)
    assert (verdict.point, verdict.shown, verdict.needed) == (point, shown, needed)


@given(st.integers(0, 60), st.integers(1, 500))
def test_what_is_needed_is_the_smallest_addition_that_shows_it(errors, n):
    verdict = judge_errors(min(errors, n), n, FALSE_ALARM, level=0.95)
    if verdict.needed:
        goal = FALSE_ALARM.acceptable if verdict.point is Band.ACCEPTABLE else FALSE_ALARM.marginal
        assert stats.binom.cdf(errors, n + verdict.needed, goal) <= 0.05
        assert stats.binom.cdf(errors, n + verdict.needed - 1, goal) > 0.05


def test_what_is_needed_may_be_more_than_a_million():
    verdict = judge_errors(49_990, 1_000_000, FALSE_ALARM, level=0.95)
    assert stats.binom.cdf(49_990, 1_000_000 + verdict.needed, 0.05) <= 0.05
    assert stats.binom.cdf(49_990, 1_000_000 + verdict.needed - 1, 0.05) > 0.05


@pytest.mark.parametrize(
    ("estimate", "low", "high", "shown"),
    [
        (0.9, 0.8, 0.95, Band.ACCEPTABLE),
        (0.9, 0.7, 0.95, Band.MARGINAL),
        (0.9, 0.3, 0.95, None),
        (0.2, 0.1, 0.3, Band.UNACCEPTABLE),
    ],
)
def test_judged_kappa(estimate, low, high, shown):
    verdict = judge_kappa(estimate, Interval(low, high, IntervalMethod.PART_BOOTSTRAP, 0.95))
    assert verdict.shown is shown
    assert verdict.bound == low


# Minitab's help on attribute agreement analysis, the essay example.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(8, 15, 26.59, 78.73), (13, 15, 59.54, 98.34), (14, 15, 68.05, 99.83), (15, 15, 81.90, 100.0)],
)
def test_minitab_intervals(k, n, low, high):
    interval = chosen_interval(IntervalChoice.MINITAB, k, n, 0.95)
    assert (100 * interval.low, 100 * interval.high) == pytest.approx((low, high), abs=5e-3)
    assert interval.method is IntervalMethod.ONE_SIDED_AT_ENDS


def interval_of(resamples, of_parts, statistic, level):
    """Return the interval of one judge's statistic; of_parts (P, k)."""
    return resamples.intervals(of_parts[None], statistic, level)[0]


def test_bca_is_scipys():
    rng = np.random.default_rng(3)
    values = rng.exponential(size=60)
    ones = np.ones_like(values)
    ours, empty = interval_of(
        PartResamples(60, 20_000, 5), np.stack([values, ones], axis=1), lambda sums: sums[..., 0] / sums[..., 1], 0.9
    )
    theirs = stats.bootstrap(
        (values,), np.mean, confidence_level=0.9, n_resamples=20_000, method="BCa", rng=np.random.default_rng(6)
    ).confidence_interval
    assert empty == 0
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_draws_in_pieces_are_the_same_draws(monkeypatch):
    values = np.random.default_rng(1).normal(size=(30, 1))

    def mean(sums):
        return sums[..., 0] / 30

    whole = interval_of(PartResamples(30, 500, 9), values, mean, 0.95)
    monkeypatch.setattr("inspector_app.agreement.study.resampling._AT_ONCE", 1000)
    assert interval_of(PartResamples(30, 500, 9), values, mean, 0.95) == whole


def test_judges_together_have_the_intervals_that_each_has_alone(monkeypatch):
    of_parts = np.random.default_rng(4).integers(0, 5, (7, 12, 2)).astype(np.float64)

    def ratio(sums):
        return sums[..., 0] / (sums[..., 1] + 1.0)

    resamples = PartResamples(12, 300, 2)
    alone = [interval_of(resamples, each, ratio, 0.9) for each in of_parts]
    assert len({interval.low for interval, _ in alone}) == 7
    assert resamples.intervals(of_parts, ratio, 0.9) == alone
    monkeypatch.setattr("inspector_app.agreement.study.resampling._SUMS_AT_ONCE", 30)
    assert resamples.intervals(of_parts, ratio, 0.9) == alone


def test_many_appraisers_have_the_figures_that_each_has_alone():
    rng = np.random.default_rng(6)
    rejected, reference = rng.random((12, 20, 2)) < 0.5, rng.random(12) < 0.5
    names = tuple(f"A{number:02d}" for number in range(20))
    parts, trials = tuple(f"p{number:02d}" for number in range(12)), ("1", "2")
    whole = analyse(Study(parts, names, trials, rejected, reference), Wanted(draws=200))
    for index, name in enumerate(names):
        alone = Study(parts, (name,), trials, rejected[:, [index]].copy(), reference)
        assert analyse(alone, Wanted(draws=200)).appraisers[0] == whole.appraisers[index]


def test_a_statistic_without_a_value_or_without_spread_has_no_interval():
    nothing = PartResamples(3, 50, 1)
    figures = np.ones((3, 1))
    undefined, empty = interval_of(nothing, figures, lambda sums: sums[..., 0] * np.nan, 0.95)
    assert isinstance(undefined, NotMeasurable)
    assert empty == 50
    constant, _ = interval_of(nothing, figures, lambda sums: sums[..., 0], 0.95)
    assert isinstance(constant, NotMeasurable)


def test_an_estimate_outside_all_draws_still_has_finite_bounds():
    # The draws of the maximum never lie above it, and seldom at it.
    interval, _ = interval_of(
        PartResamples(40, 300, 2), np.eye(40), lambda sums: (sums * np.arange(40)).max(axis=-1), 0.95
    )
    assert interval.low <= interval.high <= 40 * 39


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_figures_on_random_studies(parts, people, trials, seed):
    rng = np.random.default_rng(seed)
    rejected, reference = rng.random((parts, people, trials)) < 0.5, rng.random(parts) < 0.5
    study = small(rejected, reference)
    found = study_record(analyse(study, Wanted(draws=20)), IntervalChoice.CLOPPER_PEARSON, Positive.BAD)
    # Another order of parts changes nothing that is counted.
    order = rng.permutation(parts)
    again = study_record(
        analyse(small(rejected[order], reference[order]), Wanted(draws=20)),
        IntervalChoice.CLOPPER_PEARSON,
        Positive.BAD,
    )
    for index, name in enumerate(study.appraisers):
        figures, permuted = found["appraisers"][name], again["appraisers"][name]
        for key in ("effectiveness", "within", "miss", "false_alarm"):
            assert figures[key] == permuted[key]
        decisions = rejected[:, index]
        assert figures["effectiveness"]["k"] == sum(all(d == reference[p] for d in decisions[p]) for p in range(parts))
        if trials > 1:
            rejects = decisions.sum(axis=1)
            counts = np.stack([rejects, trials - rejects], axis=1)
            with np.errstate(invalid="ignore"):
                theirs = fleiss_kappa(counts)
            if 0 < rejects.sum() < decisions.size:
                assert figures["kappa_fleiss_within"] == pytest.approx(theirs, abs=1e-9)
            else:
                assert figures["kappa_fleiss_within"] is None
        else:
            assert "not_measurable" in figures["within"]
    list(study_lines(analyse(study, Wanted(draws=20)), IntervalChoice.WILSON))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(2, 4), st.integers(0, 10**6))
def test_calling_good_bad_swaps_misses_and_false_alarms(parts, trials, seed):
    rng = np.random.default_rng(seed)
    rejected, reference = rng.random((parts, 2, trials)) < 0.5, rng.random(parts) < 0.5
    ours = analyse(small(rejected, reference), Wanted(draws=10)).appraisers
    flipped = analyse(small(~rejected, ~reference), Wanted(draws=10)).appraisers
    for one, other in zip(ours, flipped, strict=True):
        assert getattr(one.miss, "k", None) == getattr(other.false_alarm, "k", None)
        assert getattr(one.false_alarm, "k", None) == getattr(other.miss, "k", None)
        assert one.effectiveness == other.effectiveness


def test_the_order_of_the_file_changes_no_figure():
    rng = np.random.default_rng(4)
    rejected, reference = rng.random((15, 2, 3)) < 0.5, rng.random(15) < 0.5
    order = rng.permutation(15)
    names = tuple(str(i) for i in range(15))
    shuffled = small(rejected[order], reference[order], tuple(names[i] for i in order))
    assert analyse(small(rejected, reference), Wanted()) == analyse(shuffled, Wanted())


def test_a_perfect_appraiser_has_a_kappa_without_interval():
    reference = np.array([True, False] * 10)
    perfect = np.repeat(reference[:, None, None], 2, axis=2)
    figures = analyse(small(perfect, reference), Wanted()).appraisers[0]
    assert figures.kappa_cohen_vs_reference.estimate == 1.0
    assert isinstance(figures.kappa_cohen_vs_reference.interval, NotMeasurable)
    assert figures.kappa_cohen_vs_reference.z is None
    assert figures.kappa_verdict.shown is None
    assert figures.consistency.mixed == figures.consistency.accepted_bad == 0
    text = "\n".join(study_lines(analyse(small(perfect, reference), Wanted()), IntervalChoice.MINITAB))
    assert "no interval" in text
    assert "not measurable: the study has one appraiser only" in text


def test_all_good_parts_leave_misses_unmeasurable():
    figures = analyse(small(np.zeros((5, 2, 2), bool), np.zeros(5, bool)), Wanted()).appraisers[0]
    assert isinstance(figures.miss, NotMeasurable)
    assert isinstance(figures.detection, NotMeasurable)
    assert isinstance(figures.kappa_cohen_vs_reference, NotMeasurable)
    assert isinstance(figures.kappa_verdict, NotMeasurable)
    assert isinstance(figures.miss_verdict, NotMeasurable)
    assert figures.false_alarm.k == 0
    bad = analyse(small(np.ones((5, 1, 2), bool), np.ones(5, bool)), Wanted()).appraisers[0]
    assert isinstance(bad.false_alarm, NotMeasurable)
    assert isinstance(bad.detection, NotMeasurable)


def test_without_a_reference_appraisers_are_compared_with_each_other_only():
    rng = np.random.default_rng(0)
    study = small(rng.random((20, 3, 2)) < 0.4)
    result = analyse(study, Wanted())
    record = study_record(result, IntervalChoice.CLOPPER_PEARSON, Positive.BAD)
    assert record["bad_parts"] is None
    assert record["appraisers"]["0"]["wrong_parts"] is None
    assert "not_measurable" in record["all_vs_reference"]
    assert record["between"]["n"] == 20
    assert len(record["pairs"]) == 3
    assert "without a reference" in next(study_lines(result, IntervalChoice.WILSON))


def test_identical_appraisers_have_nothing_for_mcnemar_to_test():
    one = np.random.default_rng(0).random((10, 1, 2)) < 0.5
    record = study_record(
        analyse(small(np.repeat(one, 2, axis=1)), Wanted()), IntervalChoice.CLOPPER_PEARSON, Positive.BAD
    )
    assert "not_measurable" in record["pairs"]["0*1"]["mcnemar_p"]


def test_many_appraisers_are_all_judged_and_the_pairs_are_bounded():
    rng = np.random.default_rng(0)
    steps = []
    result = analyse(
        small(rng.random((4, 120, 1)) < 0.5, [True, False, True, False]),
        Wanted(draws=10),
        lambda done, total: steps.append((done, total)),
    )
    assert len(result.appraisers) == 120
    assert len(result.pairs) == MOST_PAIRS
    assert result.pairs_left_out == 120 * 119 // 2 - MOST_PAIRS
    assert steps[-1] == (120 + MOST_PAIRS, 120 + MOST_PAIRS)
    assert "more pairs are not shown here" in list(study_lines(result, IntervalChoice.WILSON))[-1]


def test_one_part_is_a_defined_result():
    result = analyse(small([[[True, True], [True, False]]], [True]), Wanted(draws=20))
    assert result.between.parts.k == 0
    assert isinstance(result.appraisers[0].kappa_fleiss_within, NotMeasurable)


GOOD_ROWS = ["1,A,1,accept,good\n", "1,A,2,accept,good\n", "2,A,1,reject,bad\n", "2,A,2,reject,bad\n"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["part,appraiser,trial\n"], "the column 'decision' is missing"),
        (["part,part,appraiser,trial,decision\n"], "twice"),
        ([], "the column 'part' is missing"),
        ([HEADER], "no decisions"),
        ([HEADER, "1,A,1,maybe,good\n"], "line 2: decision is 'maybe'; allowed are accept, good"),
        ([HEADER, "1,A,1,1,good\n"], "line 2: decision is '1'; say with --positive"),
        ([HEADER, "1,A,1,accept,perhaps\n"], "line 2: reference is 'perhaps'"),
        ([HEADER, "1,A,1,accept\n"], "line 2: the row has more or fewer cells"),
        ([HEADER, "1,A,1,accept,good,extra\n"], "line 2: the row has more or fewer cells"),
        ([HEADER, "1,,1,accept,good\n"], "line 2: appraiser is empty"),
        ([HEADER, *GOOD_ROWS, GOOD_ROWS[0]], "line 6: appraiser 'A' judged part '1' in trial '1' already in line 2"),
        ([HEADER, *GOOD_ROWS[:3]], "appraiser 'A' did not judge part '2' in trial '2'; every"),
        ([HEADER, *GOOD_ROWS, "1,B,1,accept,good\n"], "(2 more are missing)"),
        ([HEADER, GOOD_ROWS[0], "1,A,2,accept,bad\n"], "line 3: part '1' has another reference"),
        ([HEADER, GOOD_ROWS[0], "2,A,1,accept,\n"], "part '2' has no reference while others have"),
        (["part,appraiser,trial,decision,size\n", "1,A,1,accept,-2\n"], "size is '-2'"),
        (["part,appraiser,trial,decision,size\n", "1,A,1,accept,wide\n"], "size is 'wide'"),
        (["part,appraiser,trial,decision,size\n", "1,A,1,accept,2\n", "1,A,2,accept,3\n"], "another size"),
        ([HEADER, '1,"A,1,accept,good\n'], "this is no CSV"),
    ],
)  # fmt: skip
def test_what_is_no_complete_study_is_one_sentence(lines, sentence):
    with pytest.raises(StudyRefused) as refused:
        read_study(lines, "study.csv")
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("study.csv")
    assert "\n" not in str(refused.value)


def sized_study(seed=5, parts=80, slope=3.0, trials=3):
    """Return a study in which Ana finds half of the defects of size 2, and Bo guesses."""
    rng = np.random.default_rng(seed)
    reference = np.arange(parts) % 4 != 0
    sizes = np.where(reference, rng.uniform(0.5, 8.0, parts), np.nan)
    chance = stats.norm.cdf(slope * np.log(np.where(reference, sizes, 1.0) / 2.0)) * reference
    rejected = np.stack([rng.random((parts, trials)) < chance[:, None], rng.random((parts, trials)) < 0.5], axis=1)
    names = tuple(f"p{i:03d}" for i in range(parts))
    return Study(names, ("Ana", "Bo"), ("1", "2", "3"), rejected, reference, sizes)


def test_the_size_that_is_found():
    result = analyse(sized_study(), Wanted(draws=200))
    curve = result.appraisers[0].by_size
    assert (curve.decisions, curve.parts) == (180, 60)
    assert curve.a50 == pytest.approx(2.0, rel=0.15)
    # 90 % where the probit is 1.2816: at 2 exp(1.2816 / 3).
    assert curve.a90 == pytest.approx(2.0 * np.exp(1.2816 / 3.0), rel=0.2)
    assert curve.a90 < curve.a90_95 < curve.largest
    assert np.exp(curve.mu + 1.2816 * curve.sigma) == pytest.approx(curve.a90, rel=0.01)
    record = study_record(result, IntervalChoice.CLOPPER_PEARSON, Positive.BAD)
    assert record["appraisers"]["Ana"]["by_size"]["a90"] == curve.a90
    assert set(record["by_size"]) >= {"a50", "a90", "a90_95"} or "not_measurable" in record["by_size"]
    text = "\n".join(study_lines(result, IntervalChoice.WILSON))
    assert "size found" in text
    assert "not reached" in text or "90 % with 95 % confidence" in text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sizes": None}, "gives no sizes"),
        ({"reference": None}, "no reference"),
        ({"sizes": np.full(80, np.nan)}, "no bad part has a size"),
        ({"rejected": np.ones((80, 2, 3), bool)}, "all of the 180"),
    ],
)
def test_without_sizes_or_hits_and_misses_there_is_no_curve(change, why):
    figures = analyse(dataclasses.replace(sized_study(), **change), Wanted(draws=20)).appraisers[0]
    assert why in figures.by_size.why


def test_an_appraiser_who_finds_large_defects_less_often_has_no_curve():
    study = sized_study(slope=-3.0)
    assert "larger defects are not rejected more often" in analyse(study, Wanted(draws=20)).appraisers[0].by_size.why


def test_words_any_order_of_columns_and_sizes():
    study = read_study(
        ["Decision,Trial,Appraiser,Part,Size,Shift\n", "FAIL,1,model,p1,0.4,x\n", "ok,1,model,p2,,x\n"], "study.csv"
    )
    assert study.rejected[:, 0, 0].tolist() == [True, False]
    assert study.reference is None
    assert study.sizes[0] == 0.4
    assert np.isnan(study.sizes[1])
    with pytest.raises(ValueError, match="read-only"):
        study.rejected[0, 0, 0] = False


def test_a_study_that_does_not_fit_itself_is_a_bug():
    with pytest.raises(ValueError, match="do not fit"):
        Study(("1",), ("A",), (), np.zeros((1, 1, 0), bool), None)
    with pytest.raises(ValueError, match="one value a part"):
        small(np.zeros((2, 1, 1), bool), [True])
