"""Errors of the edges. None knows an HTTP status; ``api/problems.py`` maps them.

RiskError
├── FeedError           a feed answered with something that is not its format, or not at all
├── PriceError          a price provider gave no usable close
├── FileError           a file to import cannot be read
├── NoModel             no usable model artifact
├── NotPromoted         a model that the gate or its artifact keeps from serving
├── NoCharts            a picture is asked for where the charts extra is not installed
├── NotFound            the thing asked for is not there
└── Refused             an address, size or right that the doors do not let through
"""


class RiskError(Exception):
    """Root of every error raised at an edge of the service."""


class FeedError(RiskError):
    """A feed answered with something that is not its format, or not at all."""


class PriceError(RiskError):
    """A price provider gave no usable close."""


class FileError(RiskError):
    """A file to import cannot be read."""


class NoModel(RiskError):
    """No usable model artifact."""


class NotPromoted(RiskError):
    """A model that the gate or its artifact keeps from serving."""


class NoCharts(RiskError):
    """A picture is asked for where the charts extra is not installed."""


class NotFound(RiskError):
    """The thing asked for is not there."""


class Refused(RiskError):
    """An address, a size or a right that the doors do not let through."""
