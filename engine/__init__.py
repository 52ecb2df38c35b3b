"""dondoc: a rules engine for task assignment and deadline tracking."""

__version__ = "0.1.0"
