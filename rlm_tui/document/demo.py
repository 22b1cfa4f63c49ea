"""Documents made for demonstrations and tests; the same seed makes the same text everywhere.

Only `random`, `randrange` and `choice` of `random.Random` are used: their sequences have been the
same since Python 3.2. Names, addresses and numbers are invented; domains and IP addresses are those
that RFC 2606 and RFC 5737 set aside for documentation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

DEMO_QUESTION = "Which errors repeat most, and when?"
DEMO_NAME = "service.log"
_DEMO_SEED = 2026
_DEMO_LINES = 6400

_DAY = "2026-03-14"
_MINUTE = 60_000


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES = _words(
    "mara jonas amira tomas keiko lena ravi sofia emeka nadia pavel ines oskar leila hugo yuki "
    "carla idris freya mateo"
)
_LAST_NAMES = _words(
    "lindqvist okafor haddad silva brandt tanaka moreau petrov castillo ahmed novak jensen rossi "
    "mbeki keller varga"
)
_DOMAINS = ("example.org", "example.com", "example.net")
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


@dataclass(frozen=True, slots=True)
class _Error:
    """A kind of error and the time in which most of it happens."""

    code: str
    service: str
    message: str
    share: float
    """Of all errors."""
    first: int
    """Minutes after midnight in which its worst time begins."""
    last: int
    inside: float
    """How much of it falls into that time."""
    cause: str
    """What the log says two minutes earlier."""


_ERRORS = (
    _Error(
        "DB_POOL_EXHAUSTED",
        "orders",
        "no free connection after 5000 ms, pool 40/40",
        0.31,
        14 * 60 + 5,
        14 * 60 + 42,
        0.72,
        "INFO  deploy    orders 4.12.0 rolled out to 6 of 6 pods, pool size now 40 (was 120)",
    ),
    _Error(
        "CARD_GATEWAY_TIMEOUT",
        "payments",
        "no answer from acquirer fra-2 within 3000 ms",
        0.22,
        9 * 60 + 20,
        9 * 60 + 58,
        0.66,
        "WARN  network   link to acquirer fra-2 is flapping, 3 of 8 probes lost",
    ),
    _Error(
        "STOCK_MISMATCH",
        "catalog",
        "reserved quantity is above the counted stock",
        0.17,
        16 * 60 + 30,
        16 * 60 + 59,
        0.61,
        "INFO  config    feature flag new-stock-sync switched on for all traffic",
    ),
    _Error(
        "TOKEN_SIGNATURE_INVALID",
        "auth",
        "token is signed with a key that is no longer known",
        0.13,
        2 * 60 + 1,
        2 * 60 + 24,
        0.83,
        "INFO  config    auth signing key rotated, kid 2026-03b is now in use",
    ),
    _Error(
        "MEDIA_QUOTA_EXCEEDED",
        "media",
        "volume media-02 has no room for 8388608 bytes",
        0.10,
        20 * 60 + 50,
        21 * 60 + 25,
        0.58,
        "INFO  backup    nightly copy of volume media-02 started, target is the same volume",
    ),
    _Error(
        "MAIL_REJECTED",
        "mailer",
        "recipient server said 550 mailbox unavailable",
        0.07,
        8 * 60,
        18 * 60,
        0.90,
        "INFO  mailer    queue opened for the day, 4 workers",
    ),
)
_ERROR_SHARE = 0.09
_PATHS = (
    "/v2/orders",
    "/v2/orders/{n}",
    "/v2/catalog/items/{n}",
    "/v2/cart",
    "/v2/checkout",
    "/v2/profile",
    "/v2/search",
    "/v2/media/{n}/thumb",
)
_BUSY_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 12, 11, 12, 11, 10, 10, 11, 12, 11, 9, 6, 4)
"""How the traffic of a day is spread over its hours."""


def service_log(seed: int, lines: int) -> str:
    """A day of a web shop's services: requests, logins, slow queries, and six ranked errors.

    Most of each error happens in a time of its own; a line two minutes earlier tells why.

    Args:
        seed: the same seed makes the same log.
        lines: how many lines; from a few hundred on, the errors keep their ranks.
    """
    chance = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    events = [
        ((error.first - 2) * _MINUTE + chance.randrange(_MINUTE), error.cause) for error in _ERRORS
    ][: max(lines, 0)]
    wanted = int(lines * _ERROR_SHARE)
    for error in _ERRORS:
        for _ in range(min(round(wanted * error.share), lines - len(events))):
            events.append((_error_time(chance, error), _error_line(chance, error)))
    hours = [hour for hour, weight in enumerate(_BUSY_HOURS) for _ in range(weight)]
    while len(events) < lines:
        minute = chance.choice(hours) * 60 + chance.randrange(60)
        events.append((minute * _MINUTE + chance.randrange(_MINUTE), _ordinary_line(chance)))
    events.sort(key=lambda event: event[0])
    return "".join(f"{_stamp(at)} {text}\n" for at, text in events)


def _stamp(at: int) -> str:
    seconds, millis = divmod(at, 1000)
    return f"{_DAY} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}"


def _error_time(chance: Random, error: _Error) -> int:
    if chance.random() < error.inside:
        minute = error.first + chance.randrange(error.last - error.first)
    else:
        minute = chance.randrange(24 * 60)
    return minute * _MINUTE + chance.randrange(_MINUTE)


def _error_line(chance: Random, error: _Error) -> str:
    return (
        f'ERROR {error.service:<9} code={error.code} msg="{error.message}" '
        f"attempt={1 + chance.randrange(3)} ip={_address(chance)} req={_request(chance)}"
    )


_SORTS = ("request",) * 37 + ("login",) * 6 + ("receipt",) * 4 + ("slow query",) * 3
_STATUSES = (200,) * 93 + (404,) * 4 + (302,) * 2 + (503,)


def _ordinary_line(chance: Random) -> str:
    kind = chance.choice(_SORTS)
    if kind == "request":
        return _request_line(chance)
    if kind == "login":
        return (
            f"INFO  auth      login ok user={_mail(chance)} "
            f"ip={_address(chance)} req={_request(chance)}"
        )
    if kind == "receipt":
        return (
            f"INFO  mailer    receipt sent to={_mail(chance)} "
            f"order={40_000 + chance.randrange(9_999)} req={_request(chance)}"
        )
    table = chance.choice(("order_lines", "stock", "sessions", "media_index"))
    return (
        f"WARN  orders    slow query table={table} rows={1_000 + chance.randrange(60_000)} "
        f"took={800 + chance.randrange(2_400)}ms req={_request(chance)}"
    )


def _request_line(chance: Random) -> str:
    path = chance.choice(_PATHS).format(n=10_000 + chance.randrange(50_000))
    method = "POST" if path.endswith(("checkout", "cart")) else "GET"
    latency = 8 + int(60 * chance.random() ** 2)
    if not chance.randrange(10):  # one in ten is slow
        latency += int(900 * chance.random())
    user = 1000 + int(400 * chance.random() ** 2)
    return (
        f"INFO  gateway   {method} {path} status={chance.choice(_STATUSES)} latency={latency}ms "
        f"ip={_address(chance)} user=u-{user} req={_request(chance)}"
    )


def _address(chance: Random) -> str:
    # Squared, so that some addresses come much more often than others.
    return f"{chance.choice(_NETWORKS)}.{1 + int(90 * chance.random() ** 2)}"


def _request(chance: Random) -> str:
    return f"{chance.randrange(1 << 32):08x}"


def _mail(chance: Random) -> str:
    first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
    return f"{first}.{last}@{_DOMAINS[(len(first) + len(last)) % len(_DOMAINS)]}"


_WHO = (
    "The harbour master", "A schoolteacher", "The baker's daughter", "An old surveyor",
    "The ferryman", "A visiting botanist", "The town clerk", "A retired captain", "The miller",
    "A young cartographer", "The lighthouse keeper", "A travelling tinker",
    "The parish organist", "An apprentice joiner",
)  # fmt: skip
_DID = (
    "walked along the quay", "repaired the sluice", "wrote a long letter",
    "counted the barrels", "watched the tide", "mended a torn sail",
    "argued about the price of rope", "planted a row of limes", "measured the old wall",
    "waited for the evening boat", "swept the market square", "painted the shutters green",
    "carried the post uphill", "tuned the small organ",
)  # fmt: skip
_WHEN = (
    "before breakfast", "on a windy afternoon", "while the bells were ringing",
    "after the first frost", "during the fair", "in the last week of spring",
    "as the lamps were being lit", "when the river was high", "on the way home",
    "long after supper", "under a grey sky", "in spite of the rain",
)  # fmt: skip
_THEN = (
    "and nobody thought it strange", "but the dog stayed behind",
    "and the children followed at a distance", "though it took most of the day",
    "and came back with wet boots", "but said very little about it",
    "and the neighbours talked of it for weeks", "until the fog hid the far bank",
    "and found the gate already open", "but forgot the lantern on the steps",
)  # fmt: skip
_WITH_END = 3
"""Of five sentences, so many have an end that begins with a comma."""
_WIDTH = 88
_PARAGRAPH = 6


def haystack(seed: int, chars: int, needles: Sequence[str]) -> str:
    """Plain prose of about `chars` characters with some sentences hidden in it.

    Args:
        seed: the same seed makes the same text.
        chars: the size to reach; the text ends with the paragraph that reaches it.
        needles: sentences to hide, each in a paragraph of its own choosing, in this order.
    """
    chance = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    paragraphs: list[str] = []
    size = 0
    places = sorted(chance.random() for _ in needles)
    hidden = 0
    while size < chars or hidden < len(needles):
        told = [_sentence(chance) for _ in range(2 + chance.randrange(_PARAGRAPH))]
        while hidden < len(needles) and size >= places[hidden] * chars:
            told.insert(1 + chance.randrange(len(told)), needles[hidden])
            hidden += 1
        paragraph = _wrapped(" ".join(told))
        paragraphs.append(paragraph)
        size += len(paragraph) + 2
    return "\n\n".join(paragraphs) + "\n"


def _sentence(chance: Random) -> str:
    who, did, when = chance.choice(_WHO), chance.choice(_DID), chance.choice(_WHEN)
    then = f", {chance.choice(_THEN)}" if chance.randrange(5) < _WITH_END else ""
    return f"{who} {did} {when}{then}."


def _wrapped(text: str) -> str:
    """The text in lines; `textwrap` would take ten times as long."""
    lines: list[str] = []
    while len(text) > _WIDTH:
        cut = text.rfind(" ", 0, _WIDTH + 1)
        cut = cut if cut > 0 else _WIDTH
        lines.append(text[:cut])
        text = text[cut:].lstrip()
    return "\n".join([*lines, text])


_LABELS = {
    "complaint": (
        "The parcel came two days late.",
        "The lid was cracked when I opened it.",
        "Nobody answered the phone all morning.",
        "I was charged twice for one lamp.",
    ),
    "question": (
        "Does the blue one come in a larger size?",
        "How long does delivery to the islands take?",
        "Can I change the address after ordering?",
    ),
    "praise": (
        "The wrapping was lovely, thank you.",
        "Quick delivery and a friendly driver.",
        "The chair is even better than in the picture.",
    ),
    "return": (
        "The shoes are too tight, I send them back.",
        "I would like my money back for the kettle.",
    ),
    "order": ("Please add two more candles.", "I take the oak table after all."),
}
_CITIES = ("Porto", "Ghent", "Tallinn", "Bergen", "Trieste", "Lyon", "Split", "Cork")


def records(seed: int, count: int) -> str:
    """Labelled records of a shop's mail, one a line."""
    chance = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    labels = tuple(_LABELS)
    lines: list[str] = []
    for number in range(1, count + 1):
        label = labels[int(len(labels) * chance.random() ** 1.5)]
        city = _CITIES[int(len(_CITIES) * chance.random() ** 1.4)]
        date = f"2025-{1 + chance.randrange(12):02}-{1 + chance.randrange(28):02}"
        lines.append(
            f"record: {number:05} | date: {date} | user: u-{100 + chance.randrange(150)} "
            f"| city: {city} | amount: {5 + chance.randrange(24_000) / 100:.2f} "
            f"| label: {label} | text: {chance.choice(_LABELS[label])}\n"
        )
    return "".join(lines)


def demo_document() -> str:
    """The log that `rlm-tui demo` asks `DEMO_QUESTION` about; about 0.7 MB."""
    return service_log(_DEMO_SEED, _DEMO_LINES)


def write_demo(folder: Path) -> Path:
    """Put the demo's log into a folder, which is made; one that is there already is kept.

    Raises:
        OSError: it cannot be written.
    """
    content = demo_document().encode()
    path = folder / DEMO_NAME
    if path.is_file() and path.read_bytes() == content:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{DEMO_NAME}.", delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
    return path
