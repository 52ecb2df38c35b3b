"""The text of a time cell as tokens: spelling variants, numbers, fixed phrases."""
