"""Event studies (MacKinlay 1997) with tests that hold when events share dates.

>>> from risk_service.core.event_study import Study
>>> Study(first=0, last=2, controls=("SPY", "^VIX")).model
'multi-factor'

``ticker_asset`` and ``basket_asset`` turn closes into assets, ``run_study`` measures moments on
them. Method, formulas and papers: docs/event-study.md.
"""

from risk_service.core.event_study.assets import Asset, basket_asset, ticker_asset
from risk_service.core.event_study.result import (
    DROPPED_COLUMNS,
    PAIR_COLUMNS,
    TESTS,
    Average,
    Significance,
    StudyResult,
)
from risk_service.core.event_study.run import run_study
from risk_service.core.event_study.study import Overlap, Study

__all__ = [
    "DROPPED_COLUMNS",
    "PAIR_COLUMNS",
    "TESTS",
    "Asset",
    "Average",
    "Overlap",
    "Significance",
    "Study",
    "StudyResult",
    "basket_asset",
    "run_study",
    "ticker_asset",
]
