"""The attribute study of AIAG's *Measurement Systems Analysis* (4th edition, p. 134; 3rd, p. 127).

Fifty parts, three appraisers, three trials; 1 is accept. The rows reproduce every published aggregate.
"""

from __future__ import annotations

from collections.abc import Iterator

ALWAYS_REJECTED = {3, 4, 5, 9, 25, 37, 39, 42, 45, 48, 50}
MIXED = {
    6: ("110110100", 1), 7: ("111111101", 1), 12: ("000000010", 0), 14: ("110111100", 1), 21: ("110101010", 1),
    22: ("001010110", 0), 26: ("010000001", 0), 30: ("000001000", 0), 34: ("001001011", 0), 36: ("110111101", 1),
    43: ("101111110", 1),
}  # fmt: skip


def aiag_lines() -> Iterator[str]:
    """Yield the study as CSV lines: A, B, C with three trials each."""
    yield "part,appraiser,trial,decision,reference\n"
    for part in range(1, 51):
        plain = ("000000000", 0) if part in ALWAYS_REJECTED else ("111111111", 1)
        decisions, reference = MIXED.get(part, plain)
        for place, decision in enumerate(decisions):
            yield f"{part},{'ABC'[place // 3]},{place % 3 + 1},{decision},{reference}\n"
