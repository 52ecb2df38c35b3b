"""The commands that work on files alone: no database, no clock, no network."""

from engine.cli.files import check, deadline, init, plans, rule_tests, schema

__all__ = ["check", "deadline", "init", "plans", "rule_tests", "schema"]
