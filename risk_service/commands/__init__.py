"""The commands of ``risk-service``, a file for each kind."""
