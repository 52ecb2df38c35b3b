"""Zalo: messages that its server brings, and pages that tie a person's chat to the address book."""
