"""Official figures: windows, reports that add up, and what they look like on paper."""
