"""Price providers in an order of preference, each behind its circuit breaker.

A ticker that one provider does not answer for is asked of the next. Every close names the provider
that gave it. Where the next one counts otherwise (another adjustment for dividends), the price step
sees the overlap come back changed and reads the ticker's whole history anew, so that no return is
measured from one provider's price to another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from risk_service.feeds.price_contract import PriceProvider, PriceReading, feed_name
from risk_service.store.breakers import Open, look_through, note_answer, note_refusal
from risk_service.store.engine import writing


@dataclass(frozen=True, slots=True)
class PriceChain:
    """A provider made of others, real ones; the first that answers for a ticker is taken."""

    engine: Engine
    providers: tuple[PriceProvider, ...]
    simulated: bool = False

    @property
    def name(self) -> str:
        """The providers' names, in order: ``yfinance,fred``."""
        return ",".join(provider.name for provider in self.providers)

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """As each provider's ``closes``; ``failures`` has the tickers that none answered for.

        A provider that refuses is left alone, by every replica, until its breaker lets one
        through again (``store/breakers.py``).
        """
        whole = PriceReading()
        reasons: dict[str, list[str]] = {ticker: [] for ticker in tickers}
        for provider in self.providers:
            wanted = [ticker for ticker in tickers if ticker in reasons]
            if not wanted:
                break
            part = self._ask(provider, wanted, start, end, now)
            whole.add(part.closes, part.set_aside)
            whole.refusals.extend(part.refusals)
            for ticker in wanted:
                if ticker in part.failures:
                    reasons[ticker].append(f"{provider.name}: {part.failures[ticker]}")
                else:
                    del reasons[ticker]
        whole.failures.update({ticker: self._told(said) for ticker, said in reasons.items()})
        return whole

    def _ask(
        self, provider: PriceProvider, tickers: Sequence[str], start: date, end: date, now: datetime
    ) -> PriceReading:
        breaker = feed_name(provider.name)
        with writing(self.engine) as conn:
            resting = look_through(conn, breaker, now)
        if resting is not None:
            return PriceReading(failures=dict.fromkeys(tickers, _left_alone(resting)))
        part = provider.closes(tickers, start, end, now)
        with writing(self.engine) as conn:
            if not part.refusals:
                note_answer(conn, breaker)
            for refusal in part.refusals[-1:]:
                asked = None if refusal.wait is None else timedelta(seconds=refusal.wait)
                note_refusal(conn, breaker, now, refusal.reason, asked)
        return part

    def _told(self, said: Sequence[str]) -> str:
        # A provider that stands alone need not be named with every ticker.
        alone = len(self.providers) == 1
        return said[0].removeprefix(f"{self.providers[0].name}: ") if alone else "; ".join(said)


def _left_alone(resting: Open) -> str:
    return (
        f"was not asked: left alone until {resting.until:%Y-%m-%dT%H:%MZ}"
        f" after {resting.refusals} refusals in a row ({resting.reason})"
    )
