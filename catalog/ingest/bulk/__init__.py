"""What the readers of large tables share: damaged files told early, rows cut into units, DuckDB within bounds."""
