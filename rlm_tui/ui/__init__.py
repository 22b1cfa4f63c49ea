"""The screens: they are given a `Source`, fold its events, and know nothing of the engine."""
