"""Accounts, sessions, links, keys and the audit log."""
