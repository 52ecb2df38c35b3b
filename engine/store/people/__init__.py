"""Who is told: the address book, who stands in for whom, erasure."""
