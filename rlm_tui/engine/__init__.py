"""The recursive loop: asks models, runs their code, keeps the limits, and tells what happens."""
