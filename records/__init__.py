"""What was decided: journal, archivist, database."""
