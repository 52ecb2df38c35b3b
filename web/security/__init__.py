"""Who may see which address, and what every answer carries to keep it that way."""
