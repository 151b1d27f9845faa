"""Run every benchmark, each in a process of its own so that none leaves anything to the next."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "station_overhead",
    "preview",
    "gui_stall",
    "memory",
    "inference",
    "report_scale",
    "model_switch",
    "fallback",
    "frame_to_coil",
    "optics",
    "serving",
)


def main() -> int:
    """Run them in turn; the exit status is that of the first that failed."""
    status = 0
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        status = status or done.returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
