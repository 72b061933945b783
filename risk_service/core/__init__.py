"""The pure core: arrays and frames in, arrays and frames out; no clock, SQL, network or settings."""
