"""How much memory the process takes, at its peak. Linux tells it; other systems do not."""

from __future__ import annotations

from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def reset_peak() -> None:
    """Let the peak begin anew; where the system does not allow it, the peak is that of the whole process."""
    try:
        # proc(5): 5 resets the peak resident set size
        _CLEAR.write_text("5")
    except OSError:
        return


def peak_mib() -> float | None:
    """Return the highest resident memory since the last reset, MiB; ``None`` where the system does not tell it."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(sizes[0]) / 1024.0 if sizes else None
