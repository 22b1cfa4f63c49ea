"""Measures rlm-tui: `make bench`. Figures are medians; what is compared runs in the same run."""
