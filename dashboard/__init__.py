"""What was decided and how the service does, for people: shows, and decides nothing."""
