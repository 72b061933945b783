"""The pure core: arrays and frames in and out; no clock, SQL, network or settings."""
