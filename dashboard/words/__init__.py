"""What the dashboard says, in each of its languages."""
