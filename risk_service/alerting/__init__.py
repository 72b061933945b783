"""Alerts: kept rules judged as the index moves, and what they tell put into the outbox.

Read (the rules, where each stands, the index now), judge (pure), write (states, alerts, deliveries)
in one transaction. A state moves only from the turn at which it was read, so that a restart or a
second replica neither repeats an alert nor loses one.
"""

from risk_service.alerting.market import Markets
from risk_service.alerting.step import Alerting
from risk_service.alerting.thresholds import recalibrate
from risk_service.alerting.write import Judged, close_alerts

__all__ = ["Alerting", "Judged", "Markets", "close_alerts", "recalibrate"]
