"""Raw tables to one row per client; named values to the model's row; made-up tables."""
