"""What `--help` of each command prints: it fits a screen and ends with two examples."""

from __future__ import annotations

from rlm_tui import __version__

_RUN_HELP = """\
models    --model NAME (root)  --sub-model NAME  --fast-model NAME  --api-base URL
          NAME is a litellm name, or offline, scripted:PATH, recorded:SESSION
limits    --max-iterations N  --max-depth N  --max-sub-calls N  --max-tokens N
          --max-cost USD  --max-time S  --max-cell-time S  --concurrency N
other     --env-file PATH (keys)  --sandbox auto|strict|monty|off  --no-cache
          --force-rlm  --session PATH (save there)  --no-save  --no-together
          --encoding NAME (of the documents; else found out)
"""

HELP = {
    "": f"""\
rlm-tui {__version__}: explore files too big for any prompt with Recursive Language Models

  rlm-tui                          the start screen
  rlm-tui PATH... [-q QUESTION]    open documents (-: stdin), or a saved session
  rlm-tui ask PATH -q QUESTION     the same run without a screen
  rlm-tui replay SESSION           open a saved run
  rlm-tui stats SESSION            a saved run in figures; how much was read
  rlm-tui demo                     a bundled document, without key or network
  rlm-tui config                   the settings in force, and where from
  rlm-tui doctor                   what the sandbox and the terminal can do here

with PATH: -q starts a run at once, --paused holds it before the first request
{_RUN_HELP}
rlm-tui COMMAND --help says more of one. Examples:
  rlm-tui server.log
  rlm-tui server.log -q "Which errors repeat most, and when?" --model openai/gpt-5
""",
    "ask": f"""\
rlm-tui ask PATH... -q QUESTION: run without a screen; the answer goes to stdout

  -q, --question QUESTION   what to answer
  PATH                      a document; - reads stdin; several make context a dict
  --json                    one JSON object instead of the answer
  --events                  the session file's lines instead, as they happen
  --debug                   step through it: commands from stdin, shown on stderr
  --break SPEC              with --debug, stop there instead of at the start
{_RUN_HELP}
exit status: 0 answered or forced, 3 limited, 1 failed, 130 cancelled, 2 usage
examples:
  rlm-tui ask server.log -q "Which errors repeat most?" --model offline
  rlm-tui ask server.log -q "How many failed?" --debug --break "llm_query and it 3"
""",
    "replay": f"""\
rlm-tui replay SESSION [--at EVENT]: open a saved run; never calls a model

  --at EVENT   stand after this event instead of at the end
{_RUN_HELP}
keys: , . one event   [ ] one iteration   p play   < > speed
examples:
  rlm-tui replay sessions/demo.rlm.jsonl
  rlm-tui replay run.rlm.jsonl --at 120
""",
    "demo": f"""\
rlm-tui demo: a bundled log and a question, with the offline model (no language
model), without key or network; in a pipe it runs without a screen

  -q, --question QUESTION   ask something else about the same log
  --json, --events          as in ask
{_RUN_HELP}
examples:
  rlm-tui demo
  rlm-tui demo -q "How many requests took longer than 2000 ms?" | cat
""",
    "stats": """\
rlm-tui stats SESSION: a saved run in figures, and how much of the document
any model has read: what code printed for it, or sent in a sub-call

  --json    one JSON object
  --spans   the places of the document in each sub-call's prompt, in characters

The document is looked for where it was, beside the session, and among those
kept here; when it is missing or has changed, what was read is not known.
examples:
  rlm-tui stats run.rlm.jsonl
  rlm-tui stats run.rlm.jsonl --json --spans | jq .read.share
""",
    "config": """\
rlm-tui config: the settings in force, each with where it came from

  rlm-tui config path   where the file is
  rlm-tui config init   write one with every setting, commented out

Defaults < config.toml < environment (RLM_TUI_MAX_ITERATIONS ...) < flags.
examples:
  rlm-tui config
  RLM_TUI_MODEL=openai/gpt-5 rlm-tui config
""",
    "doctor": """\
rlm-tui doctor: what this machine offers, and whether runs are possible on it

  --sandbox MODE   look at this mode instead of the one in the settings

Tells the layers of the sandbox and why one is missing, the terminal, versions
and folders. Exit status: 0 when runs are possible, else 1.
examples:
  rlm-tui doctor
  rlm-tui doctor --sandbox strict
""",
}
