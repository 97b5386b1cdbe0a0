"""For those who run the service: is it alive, is it ready, how much is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from service.errors import SchemaError
from service.store.counts import count_everything
from service.store.installation import Installation, find_installation
from service.store.migrate import check_schema
from service.store.pings import HubHealth, count_pings, find_hubs
from service.store.stated_readers import StatedReaders, list_stated_readers
from service.store.webhook_messages import count_waiting_messages
from service.store.webhooks import count_webhooks
from service.web.parts import WebParts
from service.web.security import came_through_proxy, find_peer

_GET = ["GET", "HEAD"]
_NOT_KEPT = {"Cache-Control": "no-store"}


class Operations:
    """Health, readiness and metrics."""

    def __init__(self, parts: WebParts, tally: Collector) -> None:
        self._parts = parts
        self._registry = CollectorRegistry()
        for collector in (Counting(parts), tally):
            self._registry.register(collector)

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        router.add_api_route("/healthz", self.show_health, methods=_GET)
        router.add_api_route("/readyz", self.show_readiness, methods=_GET)
        router.add_api_route("/metrics", self.show_metrics, methods=_GET)
        return router

    def show_health(self) -> Response:
        """The process lives."""
        return PlainTextResponse("ok\n", headers=_NOT_KEPT)

    def show_readiness(self) -> Response:
        """200 when work can be done here, 503 with what stands in the way."""
        checks = self._check()
        is_ready = all(word == "ok" for word in checks.values())
        return JSONResponse(
            {"ready": is_ready, "checks": checks}, 200 if is_ready else 503, headers=_NOT_KEPT
        )

    def show_metrics(self, request: Request) -> Response:
        """Counts for Prometheus, for askers on this machine or its private network."""
        peer = find_peer(request)
        if peer is None or not peer.is_private or came_through_proxy(request):
            raise HTTPException(404)
        content = generate_latest(self._registry)
        return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST, **_NOT_KEPT})

    def _check(self) -> dict[str, str]:
        try:
            check_schema(self._parts.database)
            with self._parts.database.reading() as connection:
                installation = find_installation(connection)
        except SchemaError:
            return {"database": "ok", "schema": "does not fit: run kawaraban migrate"}
        except SQLAlchemyError:
            return {"database": "does not answer"}
        return {"database": "ok", "schema": "ok"} | self._check_scan(installation)

    def _check_scan(self, installation: Installation) -> dict[str, str]:
        within = self._parts.scan_within
        if within is None:
            return {}
        last = installation.last_scan_at
        is_fresh = last is not None and self._parts.clock() - last <= within
        return {"scan": "ok" if is_fresh else "too long ago"}


class Counting(Collector):
    """Counts the rows of the store whenever somebody asks; no address is among them."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge, as of now."""
        with self._parts.database.reading() as connection:
            counts = count_everything(connection)
            installation = find_installation(connection)
            waiting = count_pings(connection)
            hubs = find_hubs(connection, self._parts.feeds.settings.hubs)
            stated = list_stated_readers(connection, self._parts.clock())
            webhooks = count_webhooks(connection)
            messages = sum(count_waiting_messages(connection).values())
        yield _gauge("editions", "Editions by state", "state", counts.editions)
        yield _gauge("deliveries", "Deliveries by state", "state", counts.deliveries)
        yield _gauge("notices", "Notices by state", "state", counts.notices)
        yield _gauge("batches", "Batches by state", "state", counts.batches)
        yield _gauge("subscriptions", "Subscriptions by state", "state", counts.subscriptions)
        yield _gauge("files", "Files by verdict", "verdict", counts.files)
        yield _number("published_files", "Files that are published", counts.published_files)
        yield _gauge("pings", "Feeds a hub is still to be told of", "hub", _per_hub(hubs, waiting))
        yield _gauge("hub_failures", "Calls in a row a hub did not take", "hub", _failures(hubs))
        yield _gauge("webhooks", "Webhooks by state", "state", webhooks)
        yield _number("webhook_messages", "Messages that webhooks are still to be told", messages)
        yield _state_readers(stated)
        yield _number("send_held", "Whether nothing may leave", installation.is_send_held)
        if installation.last_scan_at is not None:
            age = (self._parts.clock() - installation.last_scan_at).total_seconds()
            yield _number("last_scan_age_seconds", "Seconds since the last good scan", age)


def _per_hub(hubs: Sequence[HubHealth], waiting: Mapping[str, int]) -> dict[str, int]:
    return {one.hub: waiting.get(one.hub, 0) for one in hubs}


def _failures(hubs: Sequence[HubHealth]) -> dict[str, int]:
    return {one.hub: one.failures for one in hubs}


def _state_readers(stated: Sequence[StatedReaders]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "kawaraban_feed_readers",
        "Readers that an aggregator says it reads a feed for",
        labels=["feed", "aggregator"],
    )
    for one in stated:
        family.add_metric([f"/{one.path}", one.aggregator], one.readers)
    return family


def _gauge(name: str, says: str, label: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"kawaraban_{name}", says, labels=[label])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family


def _number(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kawaraban_{name}", says, value=value)
