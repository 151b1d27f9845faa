"""Files of scores: read as they are, or refused with one sentence."""

from __future__ import annotations

import pytest

from inspector_app.automation.scores_file import read_scores
from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.errors import ScoresRefused


def read(text):
    return read_scores(text.splitlines(keepends=True), "s.csv")


def test_columns_in_any_order():
    found = read("\ufeffTruth, part ,note,score\nGood,a,x,0.25\nbad,b,,1e-3\n")
    assert found == (ScoredPart("a", 0.25, False), ScoredPart("b", 0.001, True))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "column 'part' is missing; needed are part, score, truth"),
        ("part,truth\na,good\n", "column 'score' is missing"),
        ("part,score,truth,Score\n", "column 'score' stands in it twice"),
        ("part,score,truth\n", "no parts"),
        ("part,score,truth\na,0.5\n", "line 2: the row has more or fewer cells"),
        ("part,score,truth\n,0.5,good\n", "line 2: part is empty"),
        ("part,score,truth\na,0.5,good\na,0.6,bad\n", "line 3: part 'a' stands in the file already"),
        ("part,score,truth\na,0.5,maybe\n", "line 2: truth is 'maybe'; allowed are good and bad"),
        ("part,score,truth\na,nan,good\n", "line 2: score is 'nan'"),
        ("part,score,truth\na,1.5,good\n", "line 2: score is '1.5'; it is a number from 0 to 1"),
        ("part,score,truth\na,-0.1,good\n", "score is '-0.1'"),
        ("part,score,truth\na,high,good\n", "score is 'high'"),
        ('part,score,truth\n"a"b,0.5,good\n', "this is no CSV"),
    ],
)
def test_refused_with_one_sentence(text, sentence):
    with pytest.raises(ScoresRefused, match=sentence.replace("'", ".")):
        read(text)
