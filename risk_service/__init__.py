"""An open US–Russia risk index: news in, thaw against escalation scored, one checkable number out."""

__version__ = "0.1.0"
