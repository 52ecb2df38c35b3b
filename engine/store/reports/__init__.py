"""What was measured, marked and closed."""
