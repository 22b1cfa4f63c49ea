"""Where model code runs: another process, which holds the document and no keys."""
