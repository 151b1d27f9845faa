"""Known faults: each is one sentence that an operator can act on.

Everything else that is raised is a bug: it ends in a traceback, a ``FAULTED`` station and parts that go to a human.
"""

from __future__ import annotations

from enum import StrEnum


class KnownFault(Exception):
    """A fault that the station expects and can name; ``str()`` of it is one sentence for the operator."""


class SettingsError(KnownFault):
    """A setting is wrong; the sentence names file, key and what is allowed."""


class CameraError(KnownFault):
    """The camera cannot do what was asked."""


class CameraLost(CameraError):
    """The camera is gone (unplugged, folder vanished, stream ended unexpectedly); opening it again may help."""


class CameraSettingError(CameraError):
    """A camera setting is unknown to this camera or out of its range; the sentence names the allowed range."""


class EndOfPictures(CameraError):
    """The source has delivered its last picture; no fault of the camera, and no more will come."""


class ModelError(KnownFault):
    """A model cannot be loaded or does not fit its manifest."""


class ModelAltered(ModelError):
    """What lies where a model is expected is another one: a hash is not what it must be."""


class DataSetError(KnownFault):
    """A data set folder breaks the layout; the sentence names the file and the key."""


class ScoresRefused(KnownFault):
    """A file of scores cannot be read as one; the sentence names file, line and what is allowed."""


class CertificateRefused(KnownFault):
    """A certificate cannot be used: unknown, altered, void or for another model; the sentence says which."""


class LineError(KnownFault):
    """The line did not take a message; silence means hold on the line's side."""


class ControlRefused(KnownFault):
    """A supervisor command was refused: not authorised, without a reason, or out of range."""


class SignatureNeeded(ControlRefused):
    """A command moves right and came without the supervisor's PIN."""


class VerdictRefused(KnownFault):
    """A verdict or an undo came too late or for a part that does not wait."""


class ImportRefused(KnownFault):
    """A file of decisions cannot be brought in; the sentence names the file, the line and what is allowed."""


class Stopped(KnownFault):
    """Long work ended early because its user asked for that; nothing was left half done."""


class LogProblem(StrEnum):
    """Why the log cannot take a record."""

    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    UNREACHABLE = "unreachable"
    CORRUPT = "corrupt"
    NEWER_SCHEMA = "newer_schema"


class LogUnavailable(KnownFault):
    """The log refused a record; nothing of it was written.

    Parameters
    ----------
    problem : LogProblem
        The kind of trouble, for the station's named fault.
    sentence : str
        One sentence for the operator.
    """

    def __init__(self, problem: LogProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem


class OpticsRefused(KnownFault):
    """Pictures from which nothing can be taught about the camera, or a camera setup that cannot be."""
