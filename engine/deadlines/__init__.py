"""The grammar of a time cell (ô thời hạn): text → tokens → tree → ``Deadline``."""

from engine.deadlines.json_shape import deadline_json
from engine.deadlines.problems import DeadlineProblem
from engine.deadlines.reading import Reading, read_deadline

__all__ = ["DeadlineProblem", "Reading", "deadline_json", "read_deadline"]
