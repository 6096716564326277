"""Pictures of numbers; each takes what was read, and draws it."""
