"""The command line: Typer for the words, Rich for people, JSON for programs."""
