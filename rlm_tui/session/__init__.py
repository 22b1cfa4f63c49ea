"""Saved runs: one file each, written as the run happens and readable after any kind of end."""
