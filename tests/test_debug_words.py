from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.debug_help import ENTRIES, GROUPS
from rlm_tui.debug_word import (
    AnyWord,
    Back,
    Branch,
    Break,
    Budget,
    Checkpoint,
    Compose,
    Condition,
    Delete,
    Display,
    Enable,
    Execute,
    Filter,
    Find,
    Frames,
    GoTo,
    Help,
    Ignore,
    Info,
    List,
    Look,
    Option,
    Play,
    Quit,
    Repeat,
    Restart,
    Retry,
    SkipIdle,
    Speed,
    Theme,
    Then,
    Undisplay,
    Until,
    When,
    WhereAmI,
)
from rlm_tui.debug_words import parse_words
from rlm_tui.errors import UsageError
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    Pause,
    RaiseLimit,
    Reject,
    Resume,
    RunTo,
    Skip,
    Step,
)

SAID = {
    "": Repeat(),
    "  : ": Repeat(),
    "s": Step("into"),
    "step": Step("into"),
    "n": Step("over"),
    "r": Step("out"),
    "finish": Step("out"),
    "c": Resume(),
    "accept": Resume(),
    "pause": Pause(),
    "until": Until(),
    "until 12": Until("line 12"),
    "until cost>0.5": Until("cost>0.5"),
    "until 3.2.1": RunTo("3.2.1"),
    "u": Frames(-1),
    "d": Frames(1),
    "w": WhereAmI(),
    "where": WhereAmI(),
    "l": List(),
    "list 4": List(4, 4),
    "l 4 - 1,200": List(4, 1200),
    "p hits": Look("hits"),
    "p(hits)": Look("(hits)"),
    "pp  hits[0]": Look("hits[0]", "pretty"),
    "whatis hits": Look("hits", "type"),
    "!hits = []": Execute("hits = []"),
    "! hits = []": Execute("hits = []"),
    "display": Display(),
    "display len(hits)": Display("len(hits)"),
    "undisplay": Undisplay(),
    "undisplay 2": Undisplay((2,)),
    "v": Info("variables"),
    "info v": Info("variables"),
    "info breakpoints": Info("breakpoints"),
    "b": Info("breakpoints"),
    "b llm_query if depth>=1 and /E42/ in prompt": Break(
        "llm_query if depth>=1 and /E42/ in prompt"
    ),
    "b/E42/": Break("/E42/"),
    "b doc 1204-1251": Break("doc 1204-1251"),
    "b cost>0.5": Break("cost>0.5"),
    "b error": Break("error"),
    "b 4": Break("line 4"),
    "tbreak it 5": Break("it 5", once=True),
    "disable 1 2": Enable((1, 2), is_on=False),
    "disable": Enable((), is_on=False),
    "enable 1, 2": Enable((1, 2)),
    "condition 1 cost>2": Condition(1, "cost>2"),
    "condition 1 if cost>2": Condition(1, "cost>2"),
    "condition 1": Condition(1),
    "ignore 1 10": Ignore(1, 10),
    "then 1 log": Then(1, "log"),
    "delete": Delete(),
    "delete 3": Delete((3,)),
    "rs": Back("step"),
    "rn": Back("next"),
    "reverse-continue": Back("continue"),
    "when": When(),
    "when hits": When("hits"),
    "checkpoint before the loop": Checkpoint("before the loop"),
    "restart 2": Restart(2),
    "1204": GoTo("line", 1204),
    ":1,204": GoTo("line", 1204),
    "go 1204": GoTo("line", 1204),
    ":50%": GoTo("percent", 50),
    "12.5%": GoTo("percent", 12.5),
    ":it 3": GoTo("iteration", 3),
    ":#7": GoTo("call", 7),
    ":event 28": GoTo("event", 28),
    "answer": Compose("answer"),
    "answer <<": Compose("answer", "lines"),
    "answer none here": Answer("none here"),
    "answer all /a\\/b/ none": Answer("none", "a/b"),
    "answer all": Answer("all"),
    "answer allow it": Answer("allow it"),
    "answer all /x/": Compose("answer", pattern="x"),
    "answer /var/ is full": Answer("/var/ is full"),
    "fail timeout": Fail("timeout"),
    "fail rate limit": Fail("rate_limit"),
    "fail all /E42/ empty": Fail("empty", "E42"),
    "edit": Compose("edit"),
    "edit <<": Compose("edit", "lines"),
    "edit told=both": Compose("edit", told="both"),
    "edit x = 1": Edit("x = 1"),
    "edit told=wrote x = 1": Edit("x = 1", "wrote"),
    "skip": Skip(),
    "reject too short": Reject("too short"),
    "fork b3": Branch("b3"),
    "fork": Branch(),
    "retry": Retry(),
    "retry model=openai/gpt-5": Retry("openai/gpt-5"),
    "budget": Budget(),
    "budget cost=$2 it=40": Budget((RaiseLimit("cost", 2), RaiseLimit("iterations", 40))),
    "budget max_sub_calls=9": Budget((RaiseLimit("sub-calls", 9),)),
    "stop": Cancel(),
    "speed 4": Speed(4),
    "play": Play(),
    "skip-idle 1": SkipIdle(1),
    "skip-idle": SkipIdle(),
    "find /a b/ in:prompt": Find("a b", "prompt"),
    "find a.b": Find("a\\.b"),
    "find in:prompt": Find("in:prompt"),
    "/E42/": Find("E42"),
    "filter error": Filter("error"),
    "set wrap": Option("wrap"),
    "set nowrap": Option("wrap", is_on=False),
    "theme rlm-light": Theme("rlm-light"),
    "help": Help(),
    "help b": Help("b"),
    "q": Quit(),
}


@pytest.mark.parametrize(("line", "word"), list(SAID.items()), ids=lambda x: str(x)[:40])
def test_a_line_means_one_word(line, word):
    read = parse_words(line)
    assert type(read) is type(word)
    assert read == word


def test_every_kind_of_word_can_be_said():
    assert {type(word) for word in SAID.values()} == set(get_args(AnyWord))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("contineu", "Did you mean continue?"),
        ("xyzzy", "`help` lists them."),
        ("²", "There is no command"),
        ("s 3", "`s` takes nothing behind it, not '3'"),
        ("n=3", "its form is `n`"),
        ("p", "`p` needs an expression"),
        ("!", "`!` needs a statement"),
        ("b llm_querry", "'llm_querry' is not known"),
        ("b 0", "`b` cannot mean 0"),
        ("b line ²", "`help b` shows what can be said"),
        ("b " + "(" * 5000, "too long to be meant"),
        ("tbreak", "needs to know where to stop"),
        ("condition", "`condition` needs a number"),
        ("condition 1 nonsense", "'nonsense' is not known"),
        ("enable 1,2,x", "not '1,2,x'"),
        ("ignore 1", "`ignore N COUNT`"),
        ("then 1 lgo", "Did you mean log?"),
        ("fail timout", "Did you mean timeout?"),
        ("fail", "It is one of timeout, rate_limit"),
        ("answer all /(/ x", "is not a pattern"),
        ("edit told=rann x", "Did you mean ran?"),
        ("reject", "`reject` needs a message"),
        ("budget cost", "needs a number for cost"),
        ("budget cots=2", "Did you mean cost?"),
        ("budget cost=0", "cannot allow 0 cost"),
        ("budget calls=1.5", "cannot allow 1.5 sub-calls"),
        ("budget cost=nan", "cannot mean nan"),
        ("budget cost=much", "not 'much'"),
        ("retry gpt-5", "`retry [model=NAME]`"),
        ("retry model=", "needs the name of a model"),
        ("restart", "`restart` needs a number"),
        ("l 5-3", "cannot go from 5 back to 3"),
        ("info varibles", "Did you mean variables?"),
        ("101%", "cannot mean 101%"),
        ("#7%", "cannot mean #7%"),
        ("#1.5", "needs a number"),
        ("event", "`1204 | 50% | it 3 | #7 | event 28`"),
        ("it zero", "not 'zero'"),
        ("go", "needs a place"),
        ("go home", "cannot mean 'home'"),
        ("find", "needs something to look for"),
        ("find /(/", "is not a pattern"),
        ("find /x/ in:promt", "Did you mean prompt?"),
        ("filter (", "is not a pattern"),
        ("filter a{99999999999999999999}", "is not a pattern"),
        ("set", "needs an option"),
        ("set a b", "takes one option"),
        ("theme", "needs a name"),
        ("speed fast", "not 'fast'"),
        ("help brake", "Did you mean break?"),
        ("9" * 400, "cannot mean 999"),
    ],
    ids=lambda value: value[:24],
)
def test_what_cannot_be_meant_is_one_sentence_that_says_what_can(line, why):
    with pytest.raises(UsageError) as refused:
        parse_words(line)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


WORDS = sorted({name for entry in ENTRIES.values() for name in entry.names})


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.builds(
            lambda word, rest: f"{word} {rest}",
            st.sampled_from(WORDS),
            st.text(alphabet="all /(E42)/ told=ran << 1-3,.%#$²٣=>inf:_\n\\[]{}+*", max_size=30),
        ),
    )
)
def test_no_line_is_more_than_refused(line):
    try:
        word = parse_words(line)
    except UsageError:
        return
    assert isinstance(word, get_args(AnyWord))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([entry for group in GROUPS.values() for entry in group]),
    st.sampled_from(["", "1", "x", "all /x/ timeout", "html x", "cost=1", "1 2", "1 log"]),
)
def test_every_name_of_a_word_means_the_same(entry, rest):
    def said(name):
        try:
            return parse_words(f"{name} {rest}")
        except UsageError as error:
            return str(error).replace(f"'{name}'", "")

    assert len({repr(said(name)) for name in entry.names if name != "!"}) <= 1


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip() == text))
def test_a_text_for_the_model_comes_through_as_it_was_typed(text):
    assert parse_words(f"reject {text}") == Reject(text)
    if not text.startswith("all") and text != "<<":
        assert parse_words(f"answer {text}") == Answer(text)
    if not text.startswith("told=") and text != "<<":
        assert parse_words(f"edit {text}") == Edit(text)
