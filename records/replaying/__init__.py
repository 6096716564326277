"""Past decisions, made again."""
