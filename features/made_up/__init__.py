"""Made-up Home Credit tables, fitted to aggregate statistics of the real ones."""

from features.made_up.tables import write_tables

__all__ = ["write_tables"]
