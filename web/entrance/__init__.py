"""The way in: the first page, health, signing in and out."""
