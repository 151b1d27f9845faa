"""How a share is written for people."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """Return a share 0 … 1 as a percentage in as many digits as it is worth: ``0.5 %``, ``81.2 %``, ``99.97 %``.

    One decimal, or more where the share lies so near 0 or 1 that it would seem to be that; no zeros behind.
    """
    least = 100.0 * min(abs(share), abs(1.0 - share))
    decimals = max(1, 1 - math.floor(math.log10(least))) if least > 1e-9 else 1
    text = f"{100.0 * share:.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.')} %"
