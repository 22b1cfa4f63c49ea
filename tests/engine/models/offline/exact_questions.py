"""Questions with answers that can be computed, and the truth by other means than the model's."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Exact:
    """A question about one document."""

    document: str
    question: str
    truth: Callable[[str], object]
    """From the text to what the answer has to have; of a list, all."""


def holds(answer: str, truth: object) -> bool:
    """Whether an answer has a number or phrase, or all of a list, as whole words."""
    if isinstance(truth, list):
        return all(holds(answer, item) for item in truth)
    told = f"{truth:,}" if isinstance(truth, int) else str(truth)
    return bool(re.search(rf"(?<![\w.,]){re.escape(told)}(?!\w|[.,]\d)", answer))


def functions(text: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        n
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def classes(text: str) -> list[ast.ClassDef]:
    return [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]


def line_of(name: str) -> Callable[[str], object]:
    def found(text: str) -> object:
        nodes = [*functions(text), *classes(text)]
        return f"line {next(n.lineno for n in nodes if n.name == name):,}"

    return found


def whole_words(word: str) -> Callable[[str], object]:
    return lambda text: sum(1 for token in re.split(r"\W+", text) if token.lower() == word.lower())


def lines_with(part: str) -> Callable[[str], object]:
    return lambda text: sum(
        bool(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", line, re.IGNORECASE))
        for line in text.splitlines()
    )


def numbers(text: str, pattern: str) -> list[int]:
    return [n for n, line in enumerate(text.split("\n"), 1) if re.search(pattern, line)]


def commonest(items: Iterable[str]) -> str:
    return Counter(items).most_common(1)[0][0]


def leaders(items: Iterable[str]) -> list[str]:
    """The most frequent items: all that tie."""
    counts = Counter(items)
    return [item for item, times in counts.items() if times == max(counts.values())]


def nearest_rank(values: list[float], percent: float) -> str:
    ordered = sorted(values)
    for value in ordered:
        if sum(v <= value for v in ordered) >= percent / 100 * len(ordered):
            return f"{value:g}"
    return ""


def latencies(text: str) -> list[float]:
    return [
        float(part[8:-2])
        for line in text.splitlines()
        for part in line.split()
        if part.startswith("latency=")
    ]


def column(text: str, name: str) -> list[str]:
    found = []
    for line in text.splitlines():
        parts = dict(part.split(": ", 1) for part in line.split(" | "))
        found.append(parts[name])
    return found


def rows(text: str, *words: str) -> list[str]:
    """The lines that have all of some strings."""
    return [line for line in text.splitlines() if all(word in line for word in words)]


def line_with(part: str) -> Callable[[str], object]:
    return lambda text: f"line {numbers(text, re.escape(part))[0]:,}"


def sums(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for city, amount in zip(column(text, "city"), column(text, "amount"), strict=True):
        found[city] += round(float(amount) * 100)
    return found


def amounts(text: str, *words: str) -> list[float]:
    return [float(amount) for amount in column("\n".join(rows(text, *words)), "amount")]


def mean(values: list[float]) -> str:
    return f"{sum(values) / len(values):.6g}"


REAL = (
    Exact("heapq", "How many lines are there?", lambda t: f"{len(t.splitlines()):,} lines"),
    Exact("heapq", "How many functions are defined?", lambda t: len(functions(t))),
    Exact("heapq", "List all functions", lambda t: [f.name for f in functions(t)]),
    Exact("heapq", 'How often does the word "heap" appear?', whole_words("heap")),
    Exact("heapq", "How many lines contain smallest?", lines_with("smallest")),
    Exact("heapq", "Where is heapify defined?", line_of("heapify")),
    Exact("heapq", "On which line is merge defined?", line_of("merge")),
    Exact(
        "heapq",
        'On which line is "tournament" first mentioned?',
        lambda t: f"line {numbers(t, 'tournament')[0]:,}",
    ),
    Exact(
        "heapq",
        'Where does "tournament" last appear?',
        lambda t: f"line {numbers(t, 'tournament')[-1]:,}",
    ),
    Exact("heapq", "What does line 33 say?", lambda t: t.split("\n")[32].strip()),
    Exact(
        "heapq",
        "How many blank lines are there?",
        lambda t: sum(not x.strip() for x in t.splitlines()),
    ),
    Exact(
        "heapq",
        "What does heappush() do?",
        lambda t: "Push item onto heap, maintaining the heap invariant",
    ),
    Exact("argparse", "How many classes are defined?", lambda t: len(classes(t))),
    Exact(
        "argparse",
        "Which exception is raised most often?",
        lambda t: commonest(re.findall(r"raise (\w+)", t)),
    ),
    Exact(
        "argparse",
        "How many return statements are there?",
        lambda t: sum(isinstance(n, ast.Return) for n in ast.walk(ast.parse(t))),
    ),
    Exact("argparse", "Where is the class ArgumentParser defined?", line_of("ArgumentParser")),
    Exact("argparse", "How many times is self used?", whole_words("self")),
    Exact(
        "argparse",
        "How many lines are longer than 79 characters?",
        lambda t: f"{sum(len(x) > 79 for x in t.splitlines())} lines",
    ),
    Exact("argparse", "How long is the longest line?", lambda t: max(map(len, t.splitlines()))),
    Exact(
        "argparse",
        "Which is the longest line?",
        lambda t: f"line {max(enumerate(t.splitlines(), 1), key=lambda x: len(x[1]))[0]:,}",
    ),
    Exact(
        "tempfile",
        "Which modules are imported?",
        lambda t: [a.name for n in ast.parse(t).body if isinstance(n, ast.Import) for a in n.names],
    ),
    Exact(
        "tempfile",
        "How many methods are there?",
        lambda t: sum(f.col_offset > 0 for f in functions(t)),
    ),
    Exact(
        "tempfile",
        "What are the top 3 decorators?",
        lambda t: [commonest(re.findall(r"^\s*@([\w.]+)", t, re.MULTILINE))],
    ),
    Exact(
        "smtplib",
        "List all e-mail addresses",
        lambda t: sorted(set(re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]*\w", t))),
    ),
    Exact("smtplib", "Which RFCs are mentioned?", lambda t: sorted(set(re.findall(r"RFC \d+", t)))),
    Exact("licence", "How many URLs are there?", lambda t: len(re.findall("https?://", t))),
    Exact(
        "licence",
        "Which year appears most often?",
        lambda t: commonest(re.findall(r"\b(?:19|20)\d\d\b", t)),
    ),
    Exact(
        "licence",
        "How many words are there?",
        lambda t: len(re.findall(r"[^\W\d_][\w'\u2019-]*", t)),
    ),
    Exact("licence", "How often is Stallman mentioned?", whole_words("Stallman")),
    Exact(
        "licence",
        "What is the longest word?",
        lambda t: max(re.findall(r"[^\W\d_][\w'\u2019-]*", t), key=len),
    ),
    Exact(
        "licence",
        "How many paragraphs are there?",
        lambda t: sum(bool(p.strip()) for p in re.split(r"\n\s*\n", t)),
    ),
    Exact(
        "licence",
        "How many different years are mentioned?",
        lambda t: len({y for y in re.findall(r"\b\d{4}\b", t) if "1500" <= y <= "2099"}),
    ),
    Exact(
        "textual",
        "How many headings are there?",
        lambda t: sum(bool(re.match(r"#+ \S", x)) for x in t.splitlines()),
    ),
    Exact("textual", "How many links are in the file?", lambda t: len(re.findall(r"https?://", t))),
)

LOG = (
    Exact("log", "How many lines are there?", lambda t: f"{len(t.splitlines()):,} lines"),
    Exact("log", "How many errors are there?", lambda t: len(rows(t, " ERROR "))),
    Exact("log", "How many warnings are there?", lambda t: len(rows(t, " WARN "))),
    Exact("log", "How many requests are there?", lambda t: len(rows(t, " status="))),
    Exact(
        "log", "How many errors did the payments service log?", lambda t: len(rows(t, "ERROR pay"))
    ),
    Exact("log", "How many requests returned status 404?", lambda t: len(rows(t, "status=404 "))),
    Exact("log", "How many lines contain checkout?", lambda t: len(rows(t, "/checkout "))),
    Exact("log", "How often does STOCK_MISMATCH appear?", lambda t: t.count("STOCK_MISMATCH")),
    Exact(
        "log", "How many different IP addresses?", lambda t: len(set(re.findall(r"ip=(\S+)", t)))
    ),
    Exact(
        "log",
        "How many different e-mail addresses are there?",
        lambda t: len(set(re.findall(r"[\w.]+@[\w.]+", t))),
    ),
    Exact(
        "log", "List all e-mail addresses", lambda t: sorted(set(re.findall(r"[\w.]+@[\w.]+", t)))
    ),
    Exact(
        "log", "Which IP address appears most often?", lambda t: leaders(re.findall(r"ip=(\S+)", t))
    ),
    Exact(
        "log",
        "Which user made the most requests?",
        lambda t: leaders(re.findall(r"user=(u-\d+)", t)),
    ),
    Exact("log", "Which status is most common?", lambda t: leaders(re.findall(r"status=(\d+)", t))),
    Exact(
        "log",
        "Which service logs the most errors?",
        lambda t: leaders(re.findall(r"ERROR (\w+)", t)),
    ),
    Exact(
        "log",
        "Which path is requested most often?",
        lambda t: leaders(re.findall(r"(?:GET|POST) (\S+)", t)),
    ),
    Exact(
        "log",
        "Which hour has the most errors?",
        lambda t: leaders(x[:13] for x in rows(t, " ERROR ")),
    ),
    Exact(
        "log",
        "Which hour has the most requests?",
        lambda t: leaders(x[:13] for x in rows(t, " status=")),
    ),
    Exact(
        "log",
        "Which errors repeat most, and when?",
        lambda t: leaders(re.findall(r"code=(\w+)", t)),
    ),
    Exact(
        "log",
        "What is the 95th percentile of the latency?",
        lambda t: nearest_rank(latencies(t), 95),
    ),
    Exact("log", "What is the p99 latency?", lambda t: nearest_rank(latencies(t), 99)),
    Exact("log", "What is the median latency?", lambda t: nearest_rank(latencies(t), 50)),
    Exact(
        "log",
        "What is the 90th percentile of the latency of POST requests?",
        lambda t: nearest_rank(latencies("\n".join(rows(t, " POST "))), 90),
    ),
    Exact("log", "What is the average latency?", lambda t: mean(latencies(t))),
    Exact("log", "What is the maximum latency?", lambda t: f"{max(latencies(t)):g}"),
    Exact("log", "When was the first error?", lambda t: rows(t, " ERROR ")[0][:19]),
    Exact("log", "When was the last warning?", lambda t: rows(t, " WARN ")[-1][:19]),
    Exact("log", "On which line is the signing key rotated?", line_with("signing key rotated")),
    Exact("log", 'Where does "flapping" first appear?', line_with("flapping")),
    Exact("log", "What does line 17 say?", lambda t: t.split("\n")[16]),
)
RECORDS = (
    Exact("records", "How many records are there?", lambda t: len(t.splitlines())),
    Exact("records", "Which city appears most often?", lambda t: leaders(column(t, "city"))),
    Exact("records", "How many complaints are there?", lambda t: len(rows(t, "label: complaint"))),
    Exact(
        "records",
        "How many complaints came from Porto?",
        lambda t: len(rows(t, "label: complaint", "city: Porto")),
    ),
    Exact(
        "records",
        "How many records have the label praise?",
        lambda t: len(rows(t, "label: praise")),
    ),
    Exact("records", "How many different users are there?", lambda t: len(set(column(t, "user")))),
    Exact("records", "How many different cities are there?", lambda t: len(set(column(t, "city")))),
    Exact("records", "What is the most common label?", lambda t: leaders(column(t, "label"))),
    Exact("records", "Which user has the most records?", lambda t: leaders(column(t, "user"))),
    Exact("records", "What is the largest amount?", lambda t: f"{max(amounts(t)):g}"),
    Exact("records", "What is the smallest amount?", lambda t: f"{min(amounts(t)):g}"),
    Exact("records", "What is the average amount?", lambda t: mean(amounts(t))),
    Exact(
        "records", "What is the average amount in Ghent?", lambda t: mean(amounts(t, "city: Ghent"))
    ),
    Exact("records", "What is the median amount?", lambda t: nearest_rank(amounts(t), 50)),
    Exact(
        "records",
        "What is the sum of all amounts?",
        lambda t: f"{sum(sums(t).values()) / 100:,.10g}",
    ),
    Exact(
        "records",
        "Which city has the highest total amount?",
        lambda t: sums(t).most_common(1)[0][0],
    ),
    Exact("records", "On which line is record 00123?", lambda t: "line 123"),
)
