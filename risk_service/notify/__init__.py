"""The outside world out: one file a channel, one signature."""
