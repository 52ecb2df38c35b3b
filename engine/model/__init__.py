"""The words of the domain as frozen values. No clock, disk, network or database."""
