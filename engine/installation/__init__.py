"""One installation: settings, the files in force, its database, and what may be wrong with it."""
