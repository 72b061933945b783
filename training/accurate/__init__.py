"""The accurate model, made: ``python -m training.accurate``; torch is needed here alone."""
