"""What counts for a part now, computed from its records: pure, for the writer and for the verifier alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.mapping import Read, Row
from inspector_app.domain.decision import Presentation
from inspector_app.domain.judged import truth_of
from inspector_app.domain.review import still_waits
from inspector_app.domain.verdict import Answer, VerdictKind


def opinion(part: Read, standing: Iterable[tuple[str, str]]) -> Row:
    """Return ``waiting``, ``disagrees`` and ``truth`` of a part.

    Parameters
    ----------
    part : Read
        Its row; ``presentation`` and ``model_judgement`` are used.
    standing : iterable of (kind, answer)
        Of the verdicts that were not retracted, oldest first.
    """
    spoken = [(VerdictKind(kind), Answer(answer)) for kind, answer in standing]
    shown = None if part["presentation"] is None else Presentation(part["presentation"])
    sure = {answer.value for _, answer in spoken} - {Answer.UNSURE.value}
    judgement, truth = part["model_judgement"], truth_of(spoken)
    return {
        "waiting": still_waits(shown, [kind for kind, _ in spoken]),
        "disagrees": judgement is not None and bool(sure - {judgement}),
        "truth": None if truth is None else truth.value,
    }


def current_part(part: Read, spoken: Sequence[Read], undone: Sequence[Read], heard: Sequence[Read]) -> Row:
    """Return all projections of a part.

    Parameters
    ----------
    part : Read
        Its row.
    spoken, undone : sequence of Read
        Its verdicts, oldest first, and retractions.
    heard : sequence of Read
        Its line messages, oldest first.
    """
    retracted = {row["verdict_id"] for row in undone}
    turns = sorted((row["turn"], row["disposition"]) for row in (*spoken, *undone))
    disposition = turns[-1][1] if turns else part["first_disposition"]
    told = heard[-1]["disposition"] if heard else None
    standing = ((row["kind"], row["answer"]) for row in spoken if row["verdict_id"] not in retracted)
    return {
        "disposition": disposition,
        "told": told,
        "untold": told != disposition and not part["seeded"],
        "turns": len(turns),
        **opinion(part, standing),
    }
