"""The archivist at work: moves decisions, keeps heads, profiles, forgets."""
