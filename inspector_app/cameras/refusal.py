"""The exception that carries a refusal from where it is known to where the file's name is known."""

from __future__ import annotations

from inspector_app.domain.frame import PictureProblem


class Refusal(Exception):
    """A picture file cannot be used.

    Parameters
    ----------
    problem : PictureProblem
        The kind of trouble.
    clause : str
        What is wrong, to be put behind the file's name: ``"ends within its header"``.
    """

    def __init__(self, problem: PictureProblem, clause: str) -> None:
        super().__init__(clause)
        self.problem = problem
        self.clause = clause
