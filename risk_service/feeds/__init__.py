"""The outside world coming in: one file per source, one signature."""
