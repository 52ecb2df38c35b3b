"""Files that people edit → checked, frozen values; every problem with file, line and column."""
