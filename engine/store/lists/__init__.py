"""The lists of the office: one set of conditions, from which rows and counts of every page come."""
