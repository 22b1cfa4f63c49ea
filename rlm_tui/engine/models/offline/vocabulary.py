"""Word lists: English words that a question uses without meaning anything by them, and families."""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _listed(
    """
    a about above after again all also am an and any anybody anyone are aren't as at be because
    been before being below between both but by can can't cannot could did didn't do does doesn't
    doing don't done down during each either else ever every few for from further get gets given
    had has have having he hence her here hers him his how however i if in into is isn't it it's
    its itself just let like many may me might more most much must my need neither no nor not now
    of off often on once one ones only or other others our out over own per quite rather same
    shall she should since so some somebody someone something such than that that's the their them
    themselves then there these they thing things this those through thus to together too toward
    under until up upon us very via was wasn't we were weren't what what's when where whether
    which while who who's whom whose why will with within without would yes yet you your
    """
)
"""Words that carry no content in a question."""

SCAFFOLD = _listed(
    """
    according answer anywhere appear appeared appears call called come comes contain contained
    containing contains context describe described describes document documents exactly exist
    exists explain explained file files find found give happen happened happens include included
    includes indicated kind kinds know known line lines list listed lists locate located mention
    mentioned mentions name named names occur occurred occurrence occurrences occurs passage
    passages phrase please print question quote read refer referred refers said say says sentence
    sentences show shown specified state stated states string tell term text texts true type types
    word words
    """
)
"""Words that speak about the text or the asking rather than about its subject."""

KINDS = _listed(
    """
    argument arguments attribute class clause command constant exception field function functions
    keyword method module object operator package parameter service statement value variable
    version
    """
)
"""Words that only say what a name beside them names, as in `the uuid module`."""

SPENT = _listed(
    """
    all altogether appears average biggest busiest common commonly count counts declared define
    defined definition different distinct enumerate every everything exist extract fastest
    frequency frequent frequently highest implemented imported largest least line lines log logged
    longest lowest many max maximum mean median mention min minimum most number occurring often
    overall p50 p90 p95 p99 per percentile present rank ranked rare rarest recorded repeat repeated
    repeats shortest slowest smallest sum text there time times top total unique use used uses using
    """
)
"""Words that the grammar of questions itself uses up, beside the scaffold."""

DEEDS = _listed(
    """
    accessed belong belongs came come comes coming concerning get gets go goes gone got hit made
    make makes receive received regarding related requested responded return returned returning
    sent visited went
    """
)
"""Verbs that join the lines that are counted to what they have, as in `requests that returned`."""

ADJECTIVES = _listed(
    """
    active all cited common commonly different distinct frequent frequently imported least
    mentioned most of often popular raised repeated the top unique used
    """
)
"""What may stand between `which` and the noun that is ranked."""

MAKING = _listed(
    """
    author authors create created creates creator design designed develop developed invent
    invented made make write writes written wrote
    """
)
"""What someone did to a thing that is said to be by them."""

PRONOUNS = _listed("he here it she that there these they this those what which who")

NOT_NAMES = _listed(
    """
    A All An And As At Author Authors But By For From He Her His I If In It Its Most No Not Note
    On Or Our See She Some That The Their These They This Those To We When While You
    """
)
"""Capitalised words that begin a sentence but no name."""

_FAMILIES = (
    "write writes wrote written writing writer author authors authored",
    "begin begins began begun beginning start starts started starting",
    "create creates created creating creation creator creators",
    "found founded founder founders founding",
    "invent invented inventor inventors invention",
    "maintain maintained maintainer maintainers maintains",
    "buy buys bought",
    "build builds built building",
    "bring brings brought",
    "break breaks broke broken",
    "catch catches caught",
    "choose chooses chose chosen",
    "become becomes became",
    "die dies died death",
    "draw draws drew drawn",
    "drive drives drove driven driver drivers",
    "fall falls fell fallen",
    "feel feels felt",
    "fly flies flew flown",
    "forget forgets forgot forgotten",
    "give gives gave given",
    "go goes went gone going",
    "grow grows grew grown growth",
    "hide hides hid hidden",
    "hold holds held holding",
    "keep keeps kept keeping",
    "know knows knew known",
    "lead leads led leader",
    "leave leaves left leaving",
    "lose loses lost loss",
    "make makes made making maker",
    "mean means meant meaning",
    "meet meets met meeting",
    "pay pays paid payment",
    "raise raises raised raising",
    "rise rises rose risen",
    "run runs ran running",
    "sell sells sold seller",
    "send sends sent sending sender",
    "speak speaks spoke spoken",
    "spend spends spent",
    "stand stands stood",
    "steal steals stole stolen",
    "take takes took taken taking",
    "teach teaches taught teacher",
    "think thinks thought",
    "throw throws threw thrown",
    "understand understands understood",
    "win wins won winner winners",
    "child children",
    "man men",
    "woman women",
    "person people persons",
    "foot feet",
    "index indices indexes",
    "matrix matrices",
    "license licence licenses licences licensed",
    "color colour colors colours",
    "email e-mail emails e-mails",
    "maximum max",
    "minimum min",
    "average mean avg",
    "first 1st",
    "second 2nd",
    "third 3rd",
    "program programme programs programmes",
    "center centre centers centres",
)
FAMILY = {word: line for line in _FAMILIES for word in line.split()}
"""For a word with irregular forms or a near twin: all of them."""
