"""The outbox step: deliveries that are due are taken, sent outside any transaction, and noted.

Any number of replicas may send side by side: each delivery is taken by one of them. Whoever dies
between sending and noting leaves the delivery taken; it is sent again under the same id when the
hold is over, so that an alert may come twice under one id, and never under two or not at all.
"""

from __future__ import annotations

import random
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.feeds.guard import Resolve, resolve
from risk_service.notify.contract import Answer, Mail, Parcel, Reply, Request
from risk_service.notify.kinds import KINDS
from risk_service.notify.schedule import STANDARD, THROTTLED, Schedule
from risk_service.notify.send_http import send_post
from risk_service.notify.send_mail import send_mail
from risk_service.store import outbox
from risk_service.store.alert_channels import disable_channel
from risk_service.store.engine import reading, writing
from risk_service.store.outbox import Taken

LOOK_EVERY = 0.2
"""Seconds between two looks for deliveries that are due."""
SECONDS = 15.0
"""What one delivery may take; the specification of Standard Webhooks asks for 15 to 30."""
HOLD = timedelta(seconds=60)
"""How long a delivery stays taken by a sender that died; well above ``SECONDS``."""
AT_ONCE, PER_CHANNEL = 16, 2
AFTER_FAILURE = 2.0
"""Seconds of rest when the database failed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Carrier:
    """How requests are carried: into private networks or not, how long, and on whose names.

    ``trust`` is whose certificates mail servers must show, if not those of the system.
    """

    private: bool = False
    seconds: float = SECONDS
    look_up: Resolve = resolve
    trust: ssl.SSLContext | None = None

    def carry(self, request: Request) -> Reply:
        """Send a request, and give what came back."""
        if isinstance(request, Mail):
            return send_mail(request, self.seconds, self.private, self.look_up, self.trust)
        return send_post(request, self.seconds, self.private, self.look_up)


def deliver(taken: Taken, carrier: Carrier, now: datetime) -> Answer:
    """Send one delivery, and tell what its receiver's reply means."""
    kind = KINDS[taken.kind]
    parcel = Parcel(taken.id, taken.act, taken.config, taken.secrets, taken.payload)
    try:
        request = kind.write(parcel, now)
    except ValueError as error:
        return Answer("dead", None, str(error))
    return kind.read(carrier.carry(request))


class Sender:
    """Sends what is due, a few at once, so that one slow receiver holds up no other."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        carrier: Carrier | None = None,
        schedule: Schedule = STANDARD,
        hold: timedelta = HOLD,
    ) -> None:
        self._engine, self._clock = engine, clock
        self._carrier = carrier or Carrier()
        self._schedule, self._hold = schedule, hold
        self._flying: Counter[str] = Counter()
        self._landed = threading.Condition()

    def once(self) -> None:
        """Send all that is due now, and what becomes due by it; for cron and tests."""
        with ThreadPoolExecutor(AT_ONCE, "send") as pool:
            flying = False
            # What lands after a look may make the next one due: another look is owed to it.
            while self._look(pool) or flying:
                self._wait_for_landing(LOOK_EVERY)
                flying = self._in_flight()

    def run(self, stopping: threading.Event) -> None:
        """Look and send until told to stop; what is on its way then is waited for."""
        with ThreadPoolExecutor(AT_ONCE, "send") as pool:
            while not stopping.is_set():
                try:
                    self._look(pool)
                except SQLAlchemyError as error:
                    log.warning("the database failed the sender", error=str(error))
                    stopping.wait(AFTER_FAILURE)
                except Exception:
                    log.exception("the sender failed")
                    stopping.wait(AFTER_FAILURE)
                self._wait_for_landing(LOOK_EVERY)

    def _look(self, pool: ThreadPoolExecutor) -> int:
        """Take what is due and let it fly; how many."""
        with self._landed:
            flying = Counter(self._flying)
        free, now = AT_ONCE - flying.total(), self._clock()
        if free <= 0:
            return 0
        busy = [channel for channel, count in flying.items() if count >= PER_CHANNEL]
        with reading(self._engine) as conn:
            found = outbox.due(conn, now, free, PER_CHANNEL, busy)
        chosen = []
        for id_, channel in found:
            if flying[channel] < PER_CHANNEL:
                flying[channel] += 1
                chosen.append(id_)
        if not chosen:
            return 0
        with writing(self._engine) as conn:
            taken = outbox.take(conn, chosen, uuid.uuid4().hex, now, now + self._hold)
        for one in taken:
            with self._landed:
                self._flying[one.channel_id] += 1
            pool.submit(self._fly, one)
        return len(taken)

    def _fly(self, taken: Taken) -> None:
        try:
            self._note(taken, self._sent(taken))
        except SQLAlchemyError as error:
            # It stays taken, and is sent again under its id when the hold is over.
            log.warning("a delivery could not be noted", delivery=taken.id, error=str(error))
        except Exception:
            log.exception("a delivery could not be noted", delivery=taken.id)
        finally:
            with self._landed:
                self._flying[taken.channel_id] -= 1
                self._flying += Counter()
                self._landed.notify_all()

    def _sent(self, taken: Taken) -> Answer:
        try:
            return deliver(taken, self._carrier, self._clock())
        except Exception as error:
            # A fault of ours must not lose an alert: it is tried again, and listed if it stays.
            log.exception("a delivery failed", delivery=taken.id)
            return Answer("again", None, f"the service failed: {type(error).__name__}")

    def _note(self, taken: Taken, answer: Answer) -> None:
        now = self._clock()
        log.info("a delivery was tried", delivery=taken.id, channel=taken.channel_id,
                 outcome=answer.outcome, status=answer.status, reason=answer.reason)  # fmt: skip
        with writing(self._engine) as conn:
            if answer.outcome == "sent":
                outbox.note_sent(conn, taken, now, answer.status, answer.reason)
                return
            again = self._again_at(taken, answer, now)
            reason = answer.reason
            if answer.outcome == "again" and again is None:
                reason = f"given up after {taken.attempts + 1} attempts: {reason}"
            outbox.note_failure(conn, taken, again, answer.status, reason)
            if answer.outcome == "disable":
                disable_channel(conn, taken.channel_id, reason, now)
            elif answer.outcome == "again" and (answer.throttle or answer.after):
                rest = max(
                    answer.after or timedelta(0), THROTTLED if answer.throttle else timedelta(0)
                )
                outbox.hold_back(conn, taken.channel_id, now + rest)

    def _again_at(self, taken: Taken, answer: Answer, now: datetime) -> datetime | None:
        if answer.outcome != "again":
            return None
        rest = self._schedule.rest(
            taken.attempts + 1, random.random(), answer.after, answer.throttle
        )
        return None if rest is None else now + rest

    def _in_flight(self) -> bool:
        with self._landed:
            return self._flying.total() > 0

    def _wait_for_landing(self, seconds: float) -> None:
        with self._landed:
            self._landed.wait(seconds)
