"""Makes control characters visible, so that no text from outside can drive the terminal.

C0 controls become their symbols of Unicode's Control Pictures block; C1 controls, the characters
that reverse the direction of text and lone surrogates, which no terminal takes, become U+FFFD.
"""

from __future__ import annotations

_C0 = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_OTHERS = dict.fromkeys(
    (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)),
    0xFFFD,
)
_IN_A_LINE: dict[int, int] = _C0 | _OTHERS
_IN_A_TEXT = {code: sign for code, sign in _IN_A_LINE.items() if chr(code) not in "\n\t"}


def visible_line(line: str) -> str:
    """A line without its newline; tabs are symbols, too."""
    return line.translate(_IN_A_LINE)


def visible_text(text: str) -> str:
    """A text of several lines; newlines and tabs stay."""
    return text.translate(_IN_A_TEXT)
