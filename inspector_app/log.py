"""Logging of the program itself (not of parts): rotating file in the data folder, warnings on stderr."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
from pathlib import Path
from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_logging(folder: Path | None, *, verbose: bool = False) -> None:
    """Send the program's messages to ``logs/station.log`` (5 files of 5 MB) and warnings to stderr.

    Parameters
    ----------
    folder : Path or None
        The data folder; ``None``: stderr only. A folder that cannot be written is named on stderr, no more.
    verbose : bool
        Show informational messages on stderr too.
    """
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.INFO if verbose else logging.WARNING)
    handlers: list[logging.Handler] = [console]
    problem = None
    if folder is not None:
        try:
            handlers.append(_file_handler(folder / "logs"))
        except OSError as error:
            problem = error
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=handlers, force=True)
    if problem is not None:
        logging.getLogger(__name__).warning("The program's own log is not written: %s", problem)


def _file_handler(folder: Path) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    return logging.handlers.RotatingFileHandler(
        folder / "station.log", maxBytes=5_000_000, backupCount=4, encoding="utf-8"
    )


def report_unexpected(where: str, error: BaseException) -> None:
    """Log a bug with its traceback; the one place where all of them end."""
    logging.getLogger("inspector_app").critical("Unexpected error in %s", where, exc_info=error)


def install_hooks() -> None:
    """Send uncaught exceptions of all threads to `report_unexpected`."""

    def main_hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        report_unexpected("the main thread", error.with_traceback(trace))

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            report_unexpected(args.thread.name if args.thread else "a thread", args.exc_value)

    sys.excepthook = main_hook
    threading.excepthook = thread_hook
