"""Evidence files, given out as downloads only."""
