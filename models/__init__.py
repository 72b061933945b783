"""Texts in, probabilities out; a leaf that never imports the service."""
