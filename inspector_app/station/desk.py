"""The control desk: authorise, check, record a supervisor's command, and put it in force between two parts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from inspector_app.automation.signing import moves_right
from inspector_app.domain.control import AssistStyle, Command, ControlChange, ControlState, Level, Salts
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.events import ControlChanged, StationEvent
from inspector_app.domain.ports import Clock, ControlLog
from inspector_app.domain.rollout import Rollout, Slots

MayControl = Callable[[str], bool]
"""Says whether a user may change the control state."""

Sign = Callable[[str, str | None, str], None]
"""Returns if a PIN (name, PIN, purpose) is right; `ControlRefused` otherwise: see `SignatureDesk.sign`."""

SpeaksAgainst = Callable[[ControlState, ControlState, str | None], str | None]
"""Says what the evidence has against a change (before, after, id of the certificate or None); None: nothing."""

_CHANGEABLE = tuple(field.name for field in fields(ControlState) if field.name != "version")
_SHARES_AND_THRESHOLDS = frozenset(
    {"accept_below", "cut", "reject_above", "canary_share", "audit_share", "unaided_share"}
    | {"reject_audit_share", "targeted_share", "targeted_above"}
)


class ControlDesk:
    """Holds the control state in force. Safe to use from several threads.

    Parameters
    ----------
    control_log : ControlLog
        Where commands are recorded; other processes may record there too.
    initial : ControlState
        From the settings; recorded as the first state of an empty log.
    may_control : MayControl
        Who may change the state.
    clock : Clock
        UTC now.
    tell : callable
        Told of every change that comes into force.
    sign : Sign or None
        Checks the signature of a command that moves right; ``None``: none is required.
    speaks_against : SpeaksAgainst or None
        Asked about every command; what it says is recorded with the command. ``None``: nobody looks at the evidence.
    """

    def __init__(
        self,
        control_log: ControlLog,
        initial: ControlState,
        may_control: MayControl,
        clock: Clock,
        tell: Callable[[StationEvent], None],
        sign: Sign | None = None,
        speaks_against: SpeaksAgainst | None = None,
    ) -> None:
        self._log = control_log
        self._initial = initial
        self._may_control = may_control
        self._clock = clock
        self._tell = tell
        self._sign = sign
        self._speaks_against = speaks_against
        self._lock = threading.RLock()
        self._state: ControlState | None = None

    @property
    def state(self) -> ControlState:
        """The state in force as last seen; never waits for the log."""
        return self._state or self._initial

    def refresh(self) -> ControlState:
        """Return the newest recorded state, taking over what another process has recorded.

        Raises
        ------
        LogUnavailable
            If the control log cannot be read or the first state cannot be recorded.
        """
        newest = self._log.current()
        if newest is not None and newest == self._state:
            return newest
        with self._lock:
            newest = self._log.current()
            if newest is None:
                return self._begin()
            self._take_over(newest)
            return newest

    def change(self, by: str, because: str, changes: Mapping[str, object]) -> ControlState:
        """Record a command without a signature and put it in force for the next part: see `order`."""
        return self.order(Command(by, because, changes))

    def order(self, command: Command) -> ControlState:
        """Record a command and put it in force for the next part, with what the evidence has against it.

        Raises
        ------
        SignatureNeeded
            It moves right, and the PIN was not given.
        ControlRefused
            Not authorised, no reason, an unknown field, a value out of range, nothing that would change, a wrong PIN,
            a latched guard, or a change that somebody else has made meanwhile.
        LogUnavailable
            If the command could not be recorded; the state in force stays.
        """
        by, because = command.by.strip(), command.because.strip()
        if not by or not because:
            raise ControlRefused("A change needs the name of who makes it and a reason.")
        if not self._may_control(by):
            raise ControlRefused(f"{by} is not allowed to change how the station decides.")
        weighed, found = self._weighed(command)
        with self._lock:
            before = self.refresh()
            after = changed_state(before, command.changes)
            right = moves_right(before, after)
            if right and after.latched:
                raise ControlRefused(
                    f"The guard {after.latched[0]} has stepped left; nothing moves right until it is re-armed."
                )
            if right and before != weighed:
                raise ControlRefused("The station was changed while the evidence was looked at; look again.")
            signed = bool(right) and self._sign is not None
            if signed and self._sign is not None:
                self._sign(by, command.pin, f"control state {after.version}: {', '.join(right)}")
            at, against = self._clock(), found or command.against
            return self._record(ControlChange(by, because, at, before, after, signed, against, command.certificate))

    def step_left(self, by: str, because: str, changes: Mapping[str, object]) -> ControlChange | None:
        """Record an automatic step, which nobody needs to sign; ``None`` if nothing would change.

        Raises
        ------
        ControlRefused
            If it would move right, or the state was changed meanwhile.
        LogUnavailable
            If it could not be recorded.
        """
        with self._lock:
            before = self.refresh()
            if all(getattr(before, name) == value for name, value in changes.items()):
                return None
            after = changed_state(before, changes)
            right = moves_right(before, after)
            if right:
                raise ControlRefused(f"{by} may only step left, but would move {', '.join(right)} right.")
            change = ControlChange(by, because, self._clock(), before, after)
            self._record(change)
            return change

    def schedule_audits(self, because: str, share: float) -> None:
        """Record the audit share that the signed schedule asks for, up or down, while no guard is latched.

        Raises
        ------
        ControlRefused
            If a guard is latched, or the state was changed meanwhile.
        LogUnavailable
            If it could not be recorded.
        """
        with self._lock:
            before = self.refresh()
            if before.latched:
                raise ControlRefused(f"The guard {before.latched[0]} has stepped left; it says how many are audited.")
            if before.audit_share != share:
                after = changed_state(before, {"audit_share": share})
                self._record(ControlChange("schedule:audits", because, self._clock(), before, after))

    def _weighed(self, command: Command) -> tuple[ControlState, str | None]:
        """Return the state that a command starts from and what the evidence has against it.

        Without the lock: a long log takes time to read, and neither parts nor guards wait for it.
        """
        before = self.refresh()
        if self._speaks_against is None:
            return before, None
        after = changed_state(before, command.changes)
        return before, self._speaks_against(before, after, command.certificate)

    def _record(self, change: ControlChange) -> ControlState:
        self._log.append(change)
        self._state = change.after
        self._tell(ControlChanged(change))
        return change.after

    def _begin(self) -> ControlState:
        change = ControlChange("settings", "First state, from the settings.", self._clock(), None, self._initial)
        try:
            self._log.append(change)
        except ControlRefused:
            # Another process was quicker with the first state.
            newest = self._log.current()
            if newest is None:
                raise
            self._take_over(newest)
            return newest
        self._state = self._initial
        self._tell(ControlChanged(change))
        return self._initial

    def _take_over(self, newest: ControlState) -> None:
        """Put another process's changes in force and announce each of them."""
        known = 0 if self._state is None else self._state.version
        first_look = self._state is None
        self._state = newest
        if first_look or newest.version <= known:
            return
        for change in self._log.changes():
            if known < change.after.version <= newest.version:
                self._tell(ControlChanged(change))


def changed_state(before: ControlState, changes: Mapping[str, object]) -> ControlState:
    """Return the next control state.

    Parameters
    ----------
    before : ControlState
        In force now.
    changes : mapping of str to object
        Fields of `ControlState` other than ``version``; level and style may be given by their names.

    Raises
    ------
    ControlRefused
        With one sentence that says what is allowed.
    """
    unknown = sorted(set(changes) - set(_CHANGEABLE))
    if unknown:
        raise ControlRefused(f"{unknown[0]!r} cannot be changed; allowed are {', '.join(_CHANGEABLE)}.")
    values = {name: _value(name, given) for name, given in changes.items()}
    if all(getattr(before, name) == value for name, value in values.items()):
        raise ControlRefused("Nothing would change: the station already works that way.")
    try:
        return replace(before, version=before.version + 1, **values)  # type: ignore[arg-type]  # checked by _value
    except ValueError as error:
        raise ControlRefused(f"{error}.") from error


def _value(name: str, given: object) -> object:
    """Return a change's value in its field's type."""
    if name in {"level", "style"}:
        kinds: type[Level | AssistStyle] = Level if name == "level" else AssistStyle
        allowed = [str(each) for each in kinds]
        if given not in allowed:
            raise ControlRefused(f"{name} must be one of {', '.join(allowed)}, not {given!r}.")
        return kinds(str(given))
    if name in _SHARES_AND_THRESHOLDS:
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise ControlRefused(f"{name} must be a number in 0 … 1, not {given!r}.")
        return float(given)
    if name == "hold_audits" and not isinstance(given, bool):
        raise ControlRefused(f"hold_audits must be true or false, not {given!r}.")
    if name == "salts" and not isinstance(given, Salts):
        raise ControlRefused("salts must be the three salts of canary, audit and first look.")
    if name == "latched" and not isinstance(given, tuple):
        raise ControlRefused("latched must be the kinds of the guards that have stepped left.")
    if name in {"slots", "rollout"} and not isinstance(given, Slots | Rollout | None):
        raise ControlRefused("models change by the steps of a rollout: start, advance, switch, rollback, end.")
    return given
