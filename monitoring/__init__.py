"""What the decisions look like over time: whylogs profiles."""
