"""The leader's figures: counts that add up, the trend, a year of deadlines, what the ranking counts."""
