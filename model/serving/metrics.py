"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from inspector_app.domain.prediction import ModelIdentity

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)


class ServerMetrics:
    """Counters of one server, in a registry of their own.

    Parameters
    ----------
    waiting : callable
        Returns how many requests are in hand or wait.
    """

    def __init__(self, waiting: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        self.answered = Counter(
            "inspector_predictions",
            "Predictions by transport, model and status.",
            ("transport", "model", "version", "status"),
            registry=self._registry,
        )
        self.refused = Counter(
            "inspector_refused_requests",
            "Requests without an answer, by transport and reason.",
            ("transport", "reason"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "inspector_request_seconds",
            "Request in hand to answer, s.",
            ("transport",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.waited = Histogram(
            "inspector_wait_seconds",
            "Time a request waited for a worker, s.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.model_seconds = Histogram(
            "inspector_model_seconds",
            "Picture decoded to prediction, s.",
            ("model", "version"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._loaded = Gauge(
            "inspector_model_loaded",
            "1 for every loaded model, by its hash.",
            ("model", "version", "sha256"),
            registry=self._registry,
        )
        self._named = Gauge(
            "inspector_model_name",
            "1 for the model that a name such as default, blue or green stands for.",
            ("name", "model", "version"),
            registry=self._registry,
        )
        Gauge("inspector_waiting_requests", "Requests in hand or waiting.", registry=self._registry).set_function(
            waiting
        )
        ProcessCollector(registry=self._registry)

    def page(self, loaded: Iterable[ModelIdentity], names: Mapping[str, tuple[str, str]]) -> tuple[bytes, str]:
        """Return the counters as Prometheus reads them, and the type of that text.

        Parameters
        ----------
        loaded : iterable of ModelIdentity
            The models in memory.
        names : mapping
            Name and version of the model that ``default``, ``blue`` and ``green`` stand for.
        """
        self._loaded.clear()
        for model in loaded:
            self._loaded.labels(model.name, model.version, model.sha256).set(1)
        self._named.clear()
        for name, meant in names.items():
            self._named.labels(name, *meant).set(1)
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4
