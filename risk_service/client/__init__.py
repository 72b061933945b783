"""A small client of the service: answers as typed dataclasses and pandas DataFrames.

>>> client = Client("http://127.0.0.1:8000", timeout=5)
>>> client
Client('http://127.0.0.1:8000')
>>> client.close()

It uses nothing of the service itself, so that it can be lifted out of it.
"""

from risk_service.client.answers import Change, Drivers, Freshness, Index, Interval, Story, Versions
from risk_service.client.client import Client
from risk_service.client.errors import ClientError, FieldError, ProblemError, Unreachable
from risk_service.client.streaming import Told

__all__ = [
    "Change",
    "Client",
    "ClientError",
    "Drivers",
    "FieldError",
    "Freshness",
    "Index",
    "Interval",
    "ProblemError",
    "Story",
    "Told",
    "Unreachable",
    "Versions",
]
