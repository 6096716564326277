"""What people look at: reads over the records, from rollups where there are many rows."""
