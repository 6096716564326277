"""The lender's words and rules. Pure: no file, clock, environment variable or log."""
