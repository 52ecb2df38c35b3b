"""People: accounts of the office, the address book, the audit log."""
