"""Explore files too big for any prompt with Recursive Language Models, in a terminal."""

__version__ = "0.1.0"
