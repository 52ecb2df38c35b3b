"""Chasing (đôn đốc): the preview of every message, the sending, the letter, and what was chased so far."""
