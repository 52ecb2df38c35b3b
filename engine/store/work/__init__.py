"""Assignments as pages and other systems see them: their history, decisions, answers, evidence."""
