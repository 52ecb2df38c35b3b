"""One assignment, one whole task, and what the office decides about them."""
