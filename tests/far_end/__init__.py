"""Servers that play what lies outside this machine."""
