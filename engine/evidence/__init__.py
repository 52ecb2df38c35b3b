"""Files that units hand in as proof: what they really are, under what name, and where they lie."""
