"""The author's pages: plans as they are understood, and a check before anything comes into force."""
