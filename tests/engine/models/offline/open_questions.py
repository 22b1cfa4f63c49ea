"""Open questions over real texts, with phrases that were read in them as the truth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """A question, and phrases of which one has to be in the answer."""

    document: str
    question: str
    golds: tuple[str, ...]


OPEN = (
    Open("licence", "Who created Python?", ("Guido van Rossum",)),
    Open("licence", "When was Python created?", ("early 1990s",)),
    Open("licence", "Where was Python created?", ("Stichting", "Netherlands")),
    Open("licence", "What language was Python a successor of?", ("ABC",)),
    Open("licence", "When did the Python core development team move to BeOpen.com?", ("May 2000",)),
    Open("licence", "What did Digital Creations become?", ("Zope Corporation",)),
    Open("licence", "When was the Python Software Foundation formed?", ("2001",)),
    Open("licence", "Why is 1.6.1 not GPL-compatible?", ("choice of law",)),
    Open("licence", "Where is BeOpen.com's office?", ("160 Saratoga Avenue",)),
    Open("licence", "Which law governs the CNRI license?", ("Commonwealth of Virginia",)),
    Open("licence", "Since which Python version are the examples dual licensed?", ("3.8.6",)),
    Open("licence", "Who owns release 1.6?", ("1.6             1.5.2       2000        CNRI",)),
    Open("licence", "Where did Guido continue his work in 1995?", ("Corporation for", "Reston")),
    Open(
        "licence", "What happens upon a material breach of the terms?", ("automatically terminate",)
    ),
    Open("library", "Who wrote the original heapq code?", ("Kevin O'Connor",)),
    Open("library", "What is the period of the Mersenne Twister?", ("2**19937-1",)),
    Open("library", "What does uuid4() create?", ("random UUID",)),
    Open("library", "Which RFC specifies UUID objects?", ("4122", "9562")),
    Open("library", "Who is the author of the uuid module?", ("Ka-Ping Yee",)),
    Open("library", "Which ratio() value means that sequences are close matches?", ("0.6",)),
    Open("library", "Who published the gestalt pattern matching algorithm?", ("Ratcliff",)),
    Open("library", "Which PEP has more information about generating secrets?", ("506",)),
    Open("library", "What is the first day of the week in calendars by default?", ("Monday",)),
    Open("library", "How many bytes does token_bytes return by default?", ("32",)),
    Open("library", "What is a shelf?", ("persistent, dictionary-like",)),
    Open("library", "When was doctest released to the public domain?", ("16-Jan-2001",)),
    Open("library", "Who added ESMTP support to smtplib?", ("Eric S. Raymond",)),
    Open("library", "Why should mktemp not be used?", ("race conditions",)),
    Open("library", "What is StatisticsError a subclass of?", ("ValueError",)),
    Open("library", "Which version of NTSC do the YIQ constants come from?", ("FCC",)),
    Open(
        "library",
        "What is the worst case time of SequenceMatcher?",
        ("quadratic time for the worst",),
    ),
    Open("library", "Which IEEE standard does decimal arithmetic follow?", ("854-1987",)),
    Open("library", "Which element of a heap is always the smallest?", ("a[0]", "heap[0]")),
    Open("library", "Is the random() method threadsafe?", ("threadsafe",)),
    Open("topics", "What does the pass statement do?", ("null operation",)),
    Open("topics", "Which method implements the built-in function len()?", ("__len__",)),
    Open(
        "topics",
        "What is raised when a local variable has not yet been bound to a value?",
        ("UnboundLocalError",),
    ),
    Open(
        "topics",
        "Does the power operator bind more tightly than unary operators on its left?",
        ("binds more tightly",),
    ),
    Open("topics", "What does the nonlocal statement do?", ("previously bound",)),
    Open(
        "topics",
        "What happens to an assert statement when optimization is requested?",
        ("no code",),
    ),
    Open("topics", "How is the singleton Ellipsis object written?", ("...",)),
    Open("topics", "What is UnboundLocalError a subclass of?", ("NameError",)),
    Open("topics", "Which pdb command prints a stack trace?", ("w(here)", "where")),
    Open("topics", "Where may break occur syntactically?", ("nested in a",)),
    Open("topics", "Which precision is used if no precision is given?", ("precision of",)),
    Open("topics", "When is the __del__ method called?", ("about to be destroyed",)),
    Open("packages", "Who is the author of textual?", ("Will McGugan",)),
    Open("packages", "What is Rich?", ("Python library for",)),
    Open(
        "packages", "Which Python version does httpx require?", (">=3.8", ">=3.9", "3.8+", "3.9+")
    ),
    Open("packages", "What is Jinja?", ("templating engine",)),
    Open("packages", "What does Click stand for?", ("Command",)),
    Open("packages", "How many languages does Pygments support?", ("500",)),
)

# When they were new: 10 right in the answer line, 17 there or in a quote, 9 plain and wrong. The
# rules were then mended, in general ways.
HELD_OUT = (
    Open("library", "What does dedent() do?", ("Remove any common leading whitespace",)),
    Open("library", "Who originally contributed the fractions module?", ("Sjoerd Mullender",)),
    Open("library", "Which exception does put_nowait raise if the queue is full?", ("Full",)),
    Open("library", "Who are the authors of getpass?", ("Piers Lauder",)),
    Open("library", "Which RFC describes the HMAC algorithm?", ("2104",)),
    Open("library", "Who wrote the pretty printer?", ("Fred L. Drake",)),
    Open(
        "library", "What is the difference between shallow and deep copying?", ("compound object",)
    ),
    Open("library", "Which PEP describes weak references?", ("205",)),
    Open("library", "What does total_ordering do?", ("missing ordering methods",)),
    Open("library", "Which RFC is the IMAP4 client based on?", ("2060",)),
    Open("library", "What is the port of POP3 over SSL?", ("995",)),
    Open("library", "What is the standard FTP server control port?", ("21",)),
    Open(
        "library", "Who is the author of the BaseServer patch?", ("Luke Kenneth Casson Leighton",)
    ),
    Open("library", "What does guess_type return?", ("tuple (type, encoding)",)),
    Open(
        "library",
        "Why is a deep copy often problematic?",
        ("recursive loop", "reference to themselves"),
    ),
    Open("library", "What does insort_right() do?", ("Insert item x in list a",)),
    Open("library", "Who invented the ndiff algorithm?", ("Tim Peters",)),
    Open("topics", "What is the value of __debug__ when optimization is requested?", ("False",)),
    Open("topics", "Which names are bound by import * if __all__ is not defined?", ("underscore",)),
    Open("topics", "What is raised if the del statement names something unbound?", ("NameError",)),
    Open("topics", "What are lambda expressions used for?", ("anonymous functions",)),
    Open(
        "topics",
        "When are default parameter values evaluated?",
        ("when the function definition is executed",),
    ),
    Open("topics", "What does the continue statement do?", ("next cycle",)),
    Open("packages", "To how many colors is the classic terminal limited?", ("16",)),
    Open("packages", "What is the license of httpx?", ("BSD",)),
    Open("packages", "Which command runs the textual demo?", ("python -m textual",)),
    Open("packages", "Who maintains Pygments?", ("Chajdas", "Georg Brandl")),
    Open("packages", "What is platformdirs?", ("user data", "platform-specific")),
)

# When they were new: 14 right in the answer line, 24 there or in a quote, 5 plain and wrong. That
# is the fair figure; two faults that they showed were mended.
FRESH = (
    Open(
        "library",
        "What happens if you type an empty line at a Cmd prompt?",
        ("repeats the last command",),
    ),
    Open("library", "What is the command '?' a synonym for?", ("help",)),
    Open("library", "What does the ruler default to?", ('"="',)),
    Open("library", "How many times is the timer repeated by default?", ("default 5",)),
    Open(
        "library",
        "Which total time do the loops of timeit have to reach?",
        ("at least 0.2 seconds",),
    ),
    Open(
        "library",
        "Who wrote the initial implementation of libintlmodule?",
        ("Martin von Loewis",),
    ),
    Open("library", "Who implemented plural forms?", ("David Ibanez",)),
    Open("library", "What does I18N refer to?", ("multiple languages", "aware of multiple")),
    Open("library", "How many classes are in the inheritance diagram?", ("five",)),
    Open("library", "Why must the Mix-in class come first?", ("overrides a method",)),
    Open("library", "What does UnixDatagramServer derive from?", ("UDPServer",)),
    Open(
        "library",
        "Who wrote the introduction to the Algorithms chapter in the Python Cookbook?",
        ("Tim Peters",),
    ),
    Open("topics", "What is the prompt of the debugger?", ("(Pdb)",)),
    Open("topics", "Which PEP proposed unpacking into dictionary displays?", ("448",)),
    Open("topics", "Since which version does pdb have tab-completion?", ("3.3",)),
    Open("topics", "What does a double asterisk denote?", ("dictionary unpacking",)),
    Open("topics", "What does iter(d) return?", ("iterator over the keys",)),
    Open(
        "topics",
        "What should a method return if it does not support the operation with the arguments?",
        ("NotImplemented",),
    ),
    Open("topics", "What does a function definition bind?", ("function name",)),
    Open(
        "topics",
        "When is the else clause of a try statement executed?",
        ("no exception was raised",),
    ),
    Open("topics", "What does the finally clause specify?", ("cleanup",)),
    Open(
        "topics",
        "Are names in the target list deleted when the loop is finished?",
        ("are not deleted",),
    ),
    Open("topics", "What are sets not appropriate arguments for?", ("depend on total ordering",)),
    Open(
        "topics",
        "Which descriptors override a redefinition in an instance dictionary?",
        ("ata descriptors with",),
    ),
    Open("packages", "What does httpx support besides HTTP/1.1?", ("HTTP/2",)),
    Open("packages", "Who is the author of rich?", ("Will McGugan",)),
    Open("packages", "What is Pygments?", ("syntax highlight",)),
    Open("packages", "What is msgspec?", ("serialization and validation",)),
)
