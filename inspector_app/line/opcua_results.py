"""Results of the last parts, as OPC 40100-1 (Machine Vision) describes them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asyncua import ua

from inspector_app.domain.decision import Disposition
from inspector_app.line.opcua_states import Result

KEPT: Final = 200
"""So many results can be asked for again."""

CONFIGURATION: Final = "inspection-station"


@dataclass(frozen=True, slots=True)
class PartResult:
    """One result: its identity (of the inspection), part, job, disposition, and when it was given (UTC)."""

    result_id: str
    part_id: str
    job_id: str
    disposition: Disposition
    at: datetime

    def content(self) -> list[Any]:
        """Return ResultContent: the disposition in one word."""
        return [ua.Variant(self.disposition.value, ua.VariantType.String)]

    def components(self) -> dict[str, Any]:
        """Return the fields of ResultDataType; call once the specification's data types are loaded."""
        return {
            "ResultId": ua.ResultIdDataType(Id=self.result_id),
            "HasTransferableDataOnFile": False,
            "IsPartial": False,
            "IsSimulated": False,
            "ResultState": Result.COMPLETED.value,
            "PartId": ua.PartIdDataType(Id=self.part_id),
            "InternalRecipeId": ua.RecipeIdInternalDataType(Id=CONFIGURATION),
            "InternalConfigurationId": ua.ConfigurationIdDataType(Id=CONFIGURATION),
            "JobId": ua.JobIdDataType(Id=self.job_id),
            "CreationTime": self.at,
            "ResultContent": self.content(),
        }

    def typed(self) -> Any:
        """Return it as ResultDataType."""
        return ua.ResultDataType(**self.components())


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which results are asked for; empty texts and state 0 mean any.

    ``other`` is True where recipes, products, measurements or configurations are asked for that no result here has.
    """

    state: int = 0
    part_id: str = ""
    job_id: str = ""
    other: bool = False

    def takes(self, result: PartResult) -> bool:
        """Return True if a result is asked for."""
        return (
            not self.other
            and self.state in {Result.ANY.value, Result.COMPLETED.value}
            and self.part_id in {"", result.part_id}
            and self.job_id in {"", result.job_id}
        )


class ResultStore:
    """The newest results, at most `KEPT`."""

    def __init__(self) -> None:
        self._results: deque[PartResult] = deque(maxlen=KEPT)

    def add(self, result: PartResult) -> None:
        """Keep a result, in place of the oldest where there is no room."""
        self._results.append(result)

    def by_id(self, result_id: str) -> PartResult | None:
        """Return a result, ``None`` if it is unknown or no longer kept."""
        return next((each for each in reversed(self._results) if each.result_id == result_id), None)

    def matching(self, wanted: ResultFilter, start: int, most: int) -> tuple[tuple[PartResult, ...], bool]:
        """Return matching results, newest first, from the ``start``-th on, and whether these are all that remain.

        ``most`` 0 means no limit.
        """
        found = [each for each in reversed(self._results) if wanted.takes(each)][start:]
        shown = found[:most] if most else found
        return tuple(shown), len(shown) == len(found)
