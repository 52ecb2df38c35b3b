"""Official reports as pages: read, saved as Excel and Word, closed and amended, and drafted in words."""
