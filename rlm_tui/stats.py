"""A saved run in figures: what it did, what it cost, and how much of the document was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec

from rlm_tui.config import is_billed, shown_name
from rlm_tui.document.coverage import Coverage
from rlm_tui.document.reading import Reader
from rlm_tui.errors import DocumentError, UsageError
from rlm_tui.events import NodeId, Usage, depth_of
from rlm_tui.header import Header
from rlm_tui.session.reader import Recording
from rlm_tui.trajectory import Iteration, SubCall, Trajectory
from rlm_tui.unchanged import unchanged_texts


@dataclass(frozen=True, slots=True)
class Stats:
    """What is told of a run."""

    result: dict[str, Any]
    """The object of `--json`."""
    remarks: list[str]
    """Sentences about what could not be read."""


def stats_of(recording: Recording, *, with_spans: bool = False) -> Stats:
    """The figures of a recording. Blocks for the passes over the document."""
    trajectory = Trajectory()
    trajectory.apply_all(recording.records)
    remarks = list(recording.remarks)
    read: list[_Read] | None = None
    try:
        read = _read_documents(recording)
    except (DocumentError, UsageError, OSError) as error:
        remarks.append(f"{error} What was read of it is not known.")
    result = _figures(recording.header, trajectory)
    calls = [node.id for node in trajectory.nodes.values() if isinstance(node, SubCall)]
    result["read"] = None if read is None else _share_read(calls, read)
    if with_spans:
        result["calls"] = [_spans_of(call, read) for call in calls]
    return Stats(result, remarks)


def _figures(header: Header, trajectory: Trajectory) -> dict[str, Any]:
    finished = trajectory.finished
    billed = is_billed(header.model) or is_billed(header.sub_model)
    calls = [node for node in trajectory.nodes.values() if isinstance(node, SubCall)]
    turns = [node for node in trajectory.nodes.values() if isinstance(node, Iteration)]
    turns_at = Counter(depth_of(turn.id) for turn in turns)
    calls_at = Counter(depth_of(call.id) + 1 for call in calls)
    depths = range(max([0, *turns_at, *calls_at]) + 1)
    return {
        "outcome": finished.outcome if finished else None,
        "question": header.question,
        "iterations": len(trajectory.root.iterations),
        "sub_calls": trajectory.call_count,
        "by_depth": [
            {"depth": depth, "iterations": turns_at[depth], "sub_calls": calls_at[depth]}
            for depth in depths
        ],
        "by_model": _by_model(turns, calls),
        "usage": _usage(finished.usage if finished else trajectory.spent, billed=billed),
        "elapsed_s": round(finished.elapsed if finished else trajectory.at, 3),
        "errors": trajectory.error_count,
    }


def _by_model(turns: list[Iteration], calls: list[SubCall]) -> dict[str, Any]:
    """Requests, calls and tokens of each model; an `rlm_query` counts by its iterations."""
    spent: dict[str, Usage] = {}
    made = Counter(call.model for call in calls)
    used = [(turn.model, turn.response.usage) for turn in turns if turn.response]
    used += [(call.model, call.result.usage) for call in calls if call.result and not call.loop]
    for model, usage in used:
        spent[model] = spent.get(model, Usage()).plus(usage)
    names = dict.fromkeys([*spent, *made])
    return {
        name: {
            "sub_calls": made[name],
            **_usage(spent.get(name, Usage()), billed=is_billed(name)),
        }
        for name in names
    }


def _usage(usage: Usage, *, billed: bool) -> dict[str, Any]:
    return {
        "requests": usage.requests,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "cost_usd": usage.cost_usd if billed else None,
    }


# What was read


@dataclass(frozen=True, slots=True)
class _Read:
    """What the run has read of one document."""

    size: int
    coverage: Coverage


def _read_documents(recording: Recording) -> list[_Read]:
    """What the whole run has read of each document.

    Raises:
        DocumentError: a document is missing or is not the one that was studied.
    """
    texts = unchanged_texts(recording.header.documents, recording.path)
    readings = Reader(texts, [ref.path for ref in recording.header.documents]).take(
        recording.records
    )
    return [
        _Read(len(text), Coverage(reading for reading in readings if reading.document == number))
        for number, text in enumerate(texts)
    ]


def _share_read(calls: list[NodeId], read: list[_Read]) -> dict[str, Any]:
    chars = sum(one.coverage.read.size for one in read)
    size = sum(one.size for one in read)
    located = sum(any(one.coverage.places_of(call) for one in read) for call in calls)
    return {
        "share": round(chars / size, 6) if size else 0.0,
        "chars": chars,
        "calls_located": located,
        "calls_unknown": len(calls) - located,
    }


def _spans_of(call: NodeId, read: list[_Read] | None) -> dict[str, Any]:
    """The spans of a sub-call, in order; with the document's number where there are several."""
    if read is None:
        return {"node": call, "spans": None}
    spans = [
        [start, end] if len(read) == 1 else [start, end, number]
        for number, one in enumerate(read)
        for start, end in one.coverage.places_of(call)
    ]
    return {"node": call, "spans": spans}


# In words


def as_text(result: dict[str, Any]) -> str:
    """The figures as lines for people."""
    usage = result["usage"]
    tokens = f"{usage['input_tokens']:,} in, {usage['output_tokens']:,} out"
    if usage["cached_tokens"]:
        tokens += f", {usage['cached_tokens']:,} cached"
    cost = "nothing is billed"
    if any(map(is_billed, result["by_model"])):
        cost = "unknown" if usage["cost_usd"] is None else f"${usage['cost_usd']:.4f}"
    by_depth = ", ".join(
        f"{level['sub_calls']:,} at depth {level['depth']}"
        for level in result["by_depth"]
        if level["sub_calls"]
    )
    by_model = ", ".join(
        f"{shown_name(name)}: {of['sub_calls']:,} calls, {of['requests']:,} requests"
        for name, of in result["by_model"].items()
    )
    lines = [
        ("outcome", result["outcome"] or "the recording ends before the run did"),
        ("iterations", f"{result['iterations']:,}"),
        ("sub-calls", f"{result['sub_calls']:,}" + (f" ({by_depth})" if by_depth else "")),
        ("models", by_model),
        ("tokens", tokens),
        ("cost", cost),
        ("time", f"{result['elapsed_s']:.1f} s"),
        ("errors", f"{result['errors']:,}"),
        ("read", _read_in_words(result["read"])),
    ]
    for call in result.get("calls", ()):
        places = ", ".join(f"{span[0]:,}-{span[1]:,}" for span in call["spans"] or ())
        lines.append((call["node"], places or "unknown"))
    return "".join(f"{name:<11} {words}\n" for name, words in lines)


def _read_in_words(read: dict[str, Any] | None) -> str:
    if read is None:
        return "unknown"
    unknown = f", {read['calls_unknown']:,} unknown" if read["calls_unknown"] else ""
    return (
        f"{read['share']:.1%} of the document ({read['chars']:,} characters; "
        f"{read['calls_located']:,} calls located{unknown})"
    )


def as_json(result: dict[str, Any]) -> bytes:
    """The object of `--json`, with its newline."""
    return msgspec.json.encode(result) + b"\n"
