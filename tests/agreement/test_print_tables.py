"""Tables on paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.platypus import Paragraph

from inspector_app.agreement.print_style import style
from inspector_app.agreement.print_tables import CellText, fitted_widths


@given(st.lists(st.tuples(st.floats(1, 200), st.floats(1, 200)), min_size=1, max_size=12))
def test_columns_keep_their_sum_and_break_no_word_where_there_is_room(columns):
    wanted, least = [width for width, _ in columns], [need for _, need in columns]
    widths = fitted_widths(wanted, least)
    assert sum(widths) == pytest.approx(sum(wanted))
    if sum(least) <= sum(wanted):
        assert all(width >= need - 1e-9 for width, need in zip(widths, least, strict=True))
    else:
        assert widths == wanted
    assert fitted_widths(wanted, [0.0] * len(wanted)) == wanted


def test_a_cell_breaks_its_lines_as_a_paragraph_does_at_every_width():
    text = "not measurable: no part is known to be bad"
    cell = CellText(text, style("cell"))
    for width in (40.0, 200.0, 200.0, 40.0, 60.0):
        paragraph = Paragraph(text, style("cell"))
        assert cell.wrap(width, 1000.0) == paragraph.wrap(width, 1000.0)
        assert len(cell.blPara.lines) == len(paragraph.blPara.lines)
