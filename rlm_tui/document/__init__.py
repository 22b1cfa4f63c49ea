"""The file under study: its bytes, its lines, and what is known about it."""
