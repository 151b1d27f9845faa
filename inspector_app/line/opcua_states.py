"""The state machines of OPC 40100-1 (Machine Vision), as far as this station moves through them.

Numbers are those of the companion specification's node set (version 1.00): nodes of states and transitions, and the
transitions' numbers. While it is connected the station is operational and in its automatic mode. There it is in
continuous execution where parts come by themselves; where the line triggers them, it is ready, and in single execution
from a started job to its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """A state's node and name; the first two belong to the system, the others to its automatic mode."""

    PREOPERATIONAL = (5028, "Preoperational")
    OPERATIONAL = (5031, "Operational")
    READY = (5057, "Ready")
    SINGLE_EXECUTION = (5058, "SingleExecution")
    CONTINUOUS_EXECUTION = (5059, "ContinuousExecution")

    @property
    def node(self) -> int:
        """Identifier in the namespace of the specification."""
        return self.value[0]

    @property
    def title(self) -> str:
        """Browse name."""
        return self.value[1]


class Result(Enum):
    """ResultStateDataType of the specification, as far as it is used."""

    ANY = 0
    COMPLETED = 1


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state: its node, number and browse name."""

    before: State
    after: State
    node: int
    number: int
    title: str


STARTED = Transition(State.READY, State.SINGLE_EXECUTION, 5064, 671, "ReadyToSingleExecution")
DONE = Transition(State.SINGLE_EXECUTION, State.READY, 5070, 760, "SingleExecutionToReadyAuto")


@dataclass(slots=True)
class AutomaticMode:
    """The automatic mode, which one thread moves.

    Attributes
    ----------
    triggered : bool
        True: the line starts jobs; False: parts come by themselves, and no job can be started.
    job : str or None
        The job that is being executed.
    part : str or None
        The part that the line named for it, if any.
    jobs : int
        Jobs started so far.
    """

    triggered: bool = False
    job: str | None = None
    part: str | None = None
    jobs: int = 0

    @property
    def state(self) -> State:
        """Where it is."""
        if not self.triggered:
            return State.CONTINUOUS_EXECUTION
        return State.READY if self.job is None else State.SINGLE_EXECUTION

    def start(self, part: str | None) -> str | None:
        """Start a job and return its id, ``None`` where none can be started now."""
        if self.state is not State.READY:
            return None
        self.jobs += 1
        self.job, self.part = f"job-{self.jobs}", part
        return self.job

    def abandon(self) -> None:
        """Forget the job that is being executed, as when the server begins anew."""
        self.job = self.part = None

    def finish(self, part_id: str) -> str | None:
        """Take a part's result; returns the job that it ends, ``None`` if it ends none.

        A result of another part than the one that the line named does not end the job.
        """
        if self.job is None or (self.part is not None and self.part != part_id):
            return None
        job, self.job, self.part = self.job, None, None
        return job
