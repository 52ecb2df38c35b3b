"""The office's lists: what is overdue, due soon, waiting for the office, everything; by unit and by plan."""
