"""The leader's overview: how the work stands, by plan and unit, over time, through the year, and ranked."""
