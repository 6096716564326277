"""Traffic made on purpose, through HTTP: with drift, without, and whole files."""
