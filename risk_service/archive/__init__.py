"""Archives: files or SQL in, scores out as Parquet or into the database, a partition at a time."""
