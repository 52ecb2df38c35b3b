"""Watching the watcher: how the channels are, figures for programs, and a sign of life."""
