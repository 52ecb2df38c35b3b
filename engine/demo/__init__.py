"""The demo: the shipped plans played through their year into a mail sink on this machine."""
