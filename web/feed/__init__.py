"""A unit's deadlines as a calendar that mail and phone programs subscribe to."""
