import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoints import Breakpoints, Moment, parse
from rlm_tui.errors import UsageError

CALL = Moment("llm_query", "3.2.1", prompt="Find E42 here", cost=0.4, tokens=900, calls=7, time=12)
CODE = Moment("code", "3.2", code="x = grep('E42')")
DEEP = Moment("rlm_query", "3.2.1.1.1.4", prompt="q")


def holds(spec: str, moment: Moment) -> bool:
    condition = parse(spec, lambda first, last, prompt: f"{first}-{last}" in prompt)
    return condition.is_after == moment.is_after and condition.test(moment)


@pytest.mark.parametrize(
    ("spec", "moment"),
    [
        ("llm_query", CALL),
        ("before llm_query", CALL),
        ("rlm_query", DEEP),
        ("after llm_query", Moment("llm_query", "1.1.1", is_after=True)),
        ("code", CODE),
        ("FINAL", Moment("answer", "4")),
        ("request", Moment("request", "4")),
        ("it 3", Moment("request", "3")),
        ("it>=3", Moment("request", "3")),
        ("it 3 and llm_query", CALL),
        ("depth>=1", CALL),
        ("depth 2", DEEP),
        ("depth=0", CODE),
        ("/E42/", CALL),
        ("/E42/ in code", CODE),
        (r"/a\/b/ in prompt", Moment("llm_query", "1.1.1", prompt="a/b")),
        ("/boom/ in output", Moment("code", "1.1", is_after=True, output="boom")),
        ("after llm_query if /no/ in answer", Moment("llm_query", "1", is_after=True, answer="no")),
        ("llm_query if depth>=1 and /E42/ in prompt", CALL),
        ("llm_query and not /E43/", CALL),
        ("(rlm_query or llm_query) and cost>0.3", CALL),
        ("cost>$0.3", CALL),
        ("tokens>=900", CALL),
        ("calls==7", CALL),
        ("time>10", CALL),
        ("doc 12-15", Moment("llm_query", "1.1.1", prompt="12-15")),
        ("doc 1,204-1,251", Moment("llm_query", "1.1.1", prompt="1204-1251")),
        ("doc 7", Moment("llm_query", "1.1.1", prompt="7-7")),
        ("line 4", Moment("line", "3.1", line=4)),
        ("line 3.1:4", Moment("line", "3.1", line=4)),
        ("error", Moment("code", "1.1", is_after=True, fault="error")),
        ("error", Moment("llm_query", "1.1.1", is_after=True, fault="empty")),
        ("empty", Moment("llm_query", "1.1.1", is_after=True, fault="empty")),
        ("cut_off", Moment("request", "1", is_after=True, fault="cut_off")),
        ("changed hits", Moment("code", "1.1", is_after=True, changed=frozenset({"hits"}))),
    ],
)
def test_a_spec_is_hit_by_what_it_says(spec, moment):
    assert holds(spec, moment)


@pytest.mark.parametrize(
    ("spec", "moment"),
    [
        ("llm_query", CODE),
        ("llm_query", Moment("llm_query", "1.1.1", is_after=True)),
        ("it 3", CODE),
        ("it 3", Moment("request", "4")),
        ("depth>=1", CODE),
        ("/E43/", CALL),
        ("/E42/ in answer", CALL),
        ("not llm_query", CALL),
        ("cost>0.4", CALL),
        ("doc 1-2", CODE),
        ("line 3.2:4", Moment("line", "3.1", line=4)),
        ("empty", Moment("code", "1.1", is_after=True, fault="error")),
        ("changed hits", Moment("code", "1.1", is_after=True)),
    ],
)
def test_and_by_nothing_else(spec, moment):
    assert not holds(spec, moment)


def test_the_iteration_of_a_nested_loop_is_its_own():
    assert Moment("code", "3.2.1.5.1").iteration == 5
    assert Moment("answer", "").iteration == 0


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("", "something is missing"),
        ("llm_querry", "'llm_querry' is not known.*Did you mean llm_query?"),
        ("final", "'final' is not known.*Did you mean FINAL?"),
        ("doc 5-1", "'5-1' ends before it begins"),
        ("after", "something is missing"),
        ("after noon", "is not one of llm_query"),
        ("cost>much", "'much' is not a number"),
        ("/(/", "is not one"),
        ("/a/ in head", "'head' is not one of code"),
        ("(llm_query", "a bracket is not closed"),
        ("llm_query llm_query", "not expected there"),
        ("doc first", "are no lines"),
        ("line x", "not the number of a line"),
        ("!", "cannot be read"),
        ("line ²", "not the number of a line"),
        ("/a{99999999999999999999}/", "is not one"),
        ("(" * 2_000, "too long"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(spec, why):
    with pytest.raises(UsageError, match=why):
        parse(spec)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="llm_query after/E42()>=<0.5 andornotifdoc-,!$\\\n", max_size=40))
def test_no_text_is_more_than_refused(spec):
    try:
        condition = parse(spec)
    except UsageError:
        return
    condition.test(CALL)


def one(spec: str, **more) -> Breakpoints:
    made = Breakpoints()
    made.set([Breakpoint(1, spec, **more)])
    return made


def test_hits_are_counted_and_the_first_ones_passed_over():
    made = one("llm_query", ignore=2)
    assert [bool(made.hit(CALL)) for _ in range(4)] == [False, False, True, True]
    assert made.hits == {1: 4}


def test_a_temporary_one_is_hit_once():
    made = one("llm_query", once=True)
    assert [bool(made.hit(CALL)) for _ in range(3)] == [True, False, False]


def test_one_that_is_off_is_not_hit():
    made = one("llm_query", enabled=False)
    assert made.hit(CALL) == []
    assert made.hits == {}


def test_a_quantity_that_stays_over_its_mark_hits_once_each_time_it_gets_there():
    made = one("cost>0.5")
    costs = [0.4, 0.6, 0.7, 0.4, 0.9]
    assert [bool(made.hit(Moment("code", "1.1", cost=cost))) for cost in costs] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_what_stays_the_same_keeps_its_hits_and_what_changes_begins_anew():
    made = Breakpoints()
    made.set([Breakpoint(1, "llm_query"), Breakpoint(2, "llm_query")])
    made.hit(CALL)
    made.set([Breakpoint(1, "llm_query", enabled=False), Breakpoint(2, "code")])
    assert made.hits == {1: 1}


def test_a_set_with_one_that_cannot_be_read_changes_nothing():
    made = one("llm_query")
    with pytest.raises(UsageError):
        made.set([Breakpoint(1, "code"), Breakpoint(2, "nonsense here")])
    assert [item.spec for item in made.all] == ["llm_query"]
    assert made.hit(CALL)


def test_the_lines_at_which_a_block_is_to_be_held():
    made = Breakpoints()
    made.set(
        [
            Breakpoint(1, "line 4"),
            Breakpoint(2, "line 3.1:7"),
            Breakpoint(3, "line 9", enabled=False),
            Breakpoint(4, "llm_query"),
        ]
    )
    assert made.lines_of("3.1") == [4, 7]
    assert made.lines_of("5.1") == [4]
