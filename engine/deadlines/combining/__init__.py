"""The parts of a cell → one tree."""
