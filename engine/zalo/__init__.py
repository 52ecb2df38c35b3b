"""What people write to the office's bot on Zalo, and what it answers: pairing, stopping, how to."""
