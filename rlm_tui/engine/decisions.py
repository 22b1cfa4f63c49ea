"""What the user can want instead of what a run is held before, and how that is recorded."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from rlm_tui.breakpoints import Moment
from rlm_tui.events import Intervened, Intervention
from rlm_tui.source import Answer, Edit, Fail, Reject, Retry, Skip

Decision: TypeAlias = Edit | Answer | Fail | Retry | Skip | Reject
"""What the user wants instead of what is held; None to let it happen as it is."""

_INTERVENTIONS: dict[type[Decision], Intervention] = {
    Edit: "edited",
    Answer: "answered",
    Fail: "failed",
    Retry: "retried",
    Skip: "skipped",
    Reject: "rejected",
}


def why_not(decision: Decision, moment: Moment) -> str | None:
    """Why something cannot be done about a moment; None when it can."""
    is_call = moment.kind in {"llm_query", "rlm_query"}
    match decision:
        case Edit() if moment.is_after or moment.kind not in {
            "request",
            "code",
            "llm_query",
            "rlm_query",
        }:
            return "only code and prompts that have not gone out can be edited"
        case Answer() if not is_call and moment.kind != "answer":
            return "only a sub-call or an answer can be answered by hand"
        case Fail() if not is_call or moment.is_after:
            return "only a sub-call that has not been made can be failed"
        case Retry() if moment.kind != "llm_query":
            return "only a plain sub-call can be made with another model, or again"
        case Skip() if moment.kind != "code" or moment.is_after:
            return "only a code block can be skipped"
        case Reject() if moment.kind != "answer":
            return "only an answer can be rejected"
        case _:
            return None


def intervened(decision: Decision, before: str) -> Intervened:
    """A decision as it is recorded, and what would have been."""
    told, pattern = None, ""
    match decision:
        case Edit():
            after, told = decision.text, decision.told
        case Answer():
            after, pattern = decision.text, decision.pattern or ""
        case Fail():
            after, pattern = decision.kind, decision.pattern or ""
        case Retry():
            after = decision.model
        case Reject():
            after = decision.message
        case Skip():
            after = ""
    return Intervened(_INTERVENTIONS[type(decision)], before, after, told, pattern)


def decision_of(item: Intervened) -> Edit | Answer | Fail | Skip | Reject | None:
    """A recorded decision about what had not happened yet; None for what is none."""
    match item.kind:
        case "edited":
            return Edit(item.after, item.told or "ran")
        case "answered":
            return Answer(item.after)
        case "failed":
            return msgspec.convert({"kind": item.after}, Fail)
        case "skipped":
            return Skip()
        case "rejected":
            return Reject(item.after)
        case _:
            return None
