"""Findings → notices → digests: who is told, what is dropped and why, in which words. Pure."""
