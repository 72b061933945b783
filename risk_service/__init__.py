"""An open US–Russia risk index: news in, thaw against escalation scored, one number out."""

__version__ = "0.1.0"
