"""What hostile code tries in Monty. Each prints ESCAPED when it has got its way.

The attacks on CPython are tried, too, with what this subset has of what they need. These are on the
interpreter itself: on its names, its objects, its state, and on what the worker does for it.
"""

from __future__ import annotations

PRELUDE = """
import json, os, sys
T = json.loads(context)
def escaped(means):
    print("ESCAPED" if means else "held")
"""

_DUNDERS = "__class__ __bases__ __subclasses__ __globals__ __builtins__ __code__ __dict__ __mro__"

DOORS = {
    "imports by name": "escaped(__import__('socket'))",
    "imports by importlib": "import importlib\nescaped(importlib.import_module('socket'))",
    "imports its host": "import rlm_tui\nescaped(True)",
    "imports what its host uses": "import pydantic_monty\nescaped(True)",
    "imports ctypes": "import ctypes\nescaped(True)",
    "imports subprocess": "import subprocess\nescaped(subprocess.run(['id']))",
    "runs a program": "escaped(os.system('true') == 0)",
    "forks": "escaped(os.fork() >= 0)",
    "replaces itself": "os.execv('/bin/true', ['true'])\nescaped(True)",
    "evaluates its way out": "escaped(eval('open(T[\"secret\"]).read()'))",
    "executes its way out": "exec('import socket')\nescaped(True)",
    "reads by pathlib": "from pathlib import Path\nescaped(Path(T['secret']).read_text())",
    "writes by pathlib": (
        "from pathlib import Path\nPath(T['victim']).write_text('x')\nescaped(True)"
    ),
    "lists by pathlib": "from pathlib import Path\nescaped(list(Path('/').iterdir()))",
    "asks whether a file is there": (
        "from pathlib import Path\n"
        "escaped(Path(T['secret']).exists() or os.path.exists('/etc/passwd'))"
    ),
    "reads its environment": "escaped(os.environ.get('PATH') or os.getenv(T['name']))",
    "asks for its environment whole": "escaped(dict(os.environ))",
    "reads standard input": "escaped(sys.stdin.read())",
    "waits for somebody to type": "escaped(input('password: '))",
    "reads the working directory": "escaped(os.listdir(os.getcwd()))",
    "leaves its root": "os.chdir('/../..')\nescaped(open('etc/passwd').read())",
    **{
        f"goes by {name}": f"escaped(getattr(escaped, '{name}', None) is not None"
        f" and not isinstance(getattr(escaped, '{name}'), str))"
        for name in _DUNDERS.split()
        if name != "__class__"
    },
    "finds all classes": "escaped(len(().__class__.__base__.__subclasses__()) > 20)",
    "finds the frames of its host": "escaped(sys._getframe(1).f_globals)",
    "finds its host by an exception": (
        "try:\n    FINAL(1, 2, 3, 4)\nexcept Exception as e:\n    escaped(e.__traceback__.tb_frame)"
    ),
    "formats its way to globals": "escaped('{0.__globals__}'.format(escaped) != '')",
    "opens by a host function's object": "escaped(grep.__self__ or grep.__globals__)",
    "takes the worker's names": "escaped(_rlm_given['grep'].__self__)",
}

FLOODS = {
    "has a regex turn for ever in the worker": (
        "escaped(grep('(a+)+$', text='a' * 40 + 'b') and False)"
    ),
    "hands over what cannot be held": "FINAL('x' * (80 * 2**20))\nescaped(False)",
    "prints what cannot be held": "print('x' * (40 * 2**20))",
    "takes memory bit by bit": "l = []\nwhile True: l.append('x' * 1000000)",
    "goes ever deeper": "def f(): return [f()]\nf()",
    "nests ever deeper": "l = []\nfor _ in range(100000): l = [l]\nprint(l)",
    "makes a number that is too long": "x = 9 ** (9 ** 9)",
}
"""They end, and nothing else does."""

SHADOWS = {
    "replaces the look": "_rlm_look = lambda names: [[], [], ['mine']]",
    "replaces what is given": "_rlm_given = {}\n_rlm_protected = ['x']",
    "gives a look of the wrong shape": "_rlm_look = lambda names: 5",
    "gives variables of the wrong shape": "_rlm_made = lambda names: [[1, 2, 3, 4, 5], 'abc']",
    "gives variables with wrong sizes": "_rlm_made = lambda names: [['a', 'b', -5, 7, 1]]",
    "gives names to put back that are code": (
        "_rlm_look = lambda names: [[], ['x = 1; print(1)'], None]"
    ),
}
"""What tells of its variables is code's own, so it can lie; it may not harm."""
