"""Every metric of both services in one place: `darkroom_<noun>_<unit|total>`, bounded labels, no ids.

docs/monitoring.md lists them. Series whose labels are known beforehand exist from the start, at zero: a counter that
appears with its first event hides that event from `rate()`.
"""

import time
from contextlib import AbstractContextManager
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from core.errors import DependencyUnavailable, RenderTimeout, ResourceLimit, WorkerLost

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_RENDER = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
_WAIT = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
_CALL = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

# API
HTTP_REQUESTS = Counter("darkroom_http_requests_total", "Finished requests.", ["method", "route", "status"])
HTTP_SECONDS = Histogram(
    "darkroom_http_request_seconds",
    "Time to the start of the response, without the wait that the client asked for.",
    ["method", "route"],
    buckets=_FAST,
)
HTTP_IN_FLIGHT = Gauge("darkroom_http_requests_in_flight", "Requests in progress.", multiprocess_mode="livesum")
UPLOADED_BYTES = Counter("darkroom_uploaded_bytes_total", "Bytes of accepted images.")
AUTHENTICATIONS = Counter("darkroom_authentications_total", "Authenticated requests, by credential.", ["credential"])
REJECTIONS = Counter("darkroom_refusals_total", "Rejected requests, by error code.", ["code"])
IGNORED_FORWARDINGS = Counter(
    "darkroom_ignored_forwardings_total",
    "Requests with forwarded headers from an address that is not in DARKROOM_TRUSTED_PROXIES.",
)

# Tasks
TASKS_SUBMITTED = Counter("darkroom_tasks_submitted_total", "Tasks accepted with 202.")
TASKS_FINISHED = Counter(
    "darkroom_tasks_finished_total", "Tasks finished by a worker; cancelled ones end in the API.", ["status", "code"]
)
FILTERED_TASKS = Counter(
    "darkroom_filtered_tasks_total", "Finished tasks, once for each filter in their pipeline.", ["filter", "status"]
)
TASK_WAIT_SECONDS = Histogram("darkroom_task_wait_seconds", "From creation to the first claim.", buckets=_WAIT)
TASK_SECONDS = Histogram("darkroom_task_seconds", "From creation to the end, retries included.", buckets=_WAIT)
ATTEMPTS = Counter(
    "darkroom_attempts_total",
    "Claims, by outcome. retried: another attempt follows; lost: another worker owns the task.",
    ["outcome"],
)

# Rendering
RENDER_SECONDS = Histogram("darkroom_render_seconds", "One render in its process.", ["format"], buckets=_RENDER)
STEP_SECONDS = Histogram("darkroom_step_seconds", "One step of a pipeline.", ["filter"], buckets=_RENDER)
SOURCE_BYTES = Counter("darkroom_source_bytes_total", "Bytes of rendered sources.")
SOURCE_PIXELS = Counter("darkroom_source_pixels_total", "Pixels of rendered sources, after decoding.")
OUTPUT_BYTES = Counter("darkroom_output_bytes_total", "Bytes of rendered outputs.")
OUTPUT_PIXELS = Counter("darkroom_output_pixels_total", "Pixels of rendered outputs.")
SLOTS = Gauge("darkroom_worker_slots", "Render processes of this worker.", multiprocess_mode="livesum")
SLOTS_BUSY = Gauge("darkroom_worker_slots_busy", "Render processes that are rendering.", multiprocess_mode="livesum")
CHILDREN_STARTED = Counter("darkroom_render_children_started_total", "Started render processes, replacements included.")
CHILDREN_LOST = Counter(
    "darkroom_render_children_lost_total", "Render processes that died or were killed at a limit.", ["code"]
)
SANDBOX = Gauge(
    "darkroom_render_isolation",
    "1 where this layer of the render processes' sandbox is active, 0 where the system lacks it.",
    ["layer"],
    multiprocess_mode="livemin",
)
OUTPUTS_COPIED = Counter(
    "darkroom_outputs_copied_total", "Tasks that copied the output of the same work in place of a render."
)

# Delivery
DELIVERIES = Counter(
    "darkroom_deliveries_total",
    "Images by signed URL, by where they came from. task: its output. joined: made for a request that came before.",
    ["source"],
)
DELIVERY_QUEUE_SECONDS = Histogram(
    "darkroom_delivery_queue_seconds",
    "Wait for a render process of delivery and previews, rejections included.",
    buckets=_FAST,
)

PREVIEWS = Counter("darkroom_previews_total", "Previews and thumbnails, by what they show.", ["kind"])
PROXIES = Counter("darkroom_proxies_total", "Small copies of images for previews, by where they came from.", ["source"])

# Queue and sweeper
QUEUE_TASKS = Gauge(
    "darkroom_queue_tasks",
    "Open tasks in the database, counted up to 100,000. All workers report the same number: use the max.",
    ["status"],
    multiprocess_mode="livemostrecent",
)
QUEUE_OLDEST_SECONDS = Gauge(
    "darkroom_queue_oldest_seconds",
    "How long the oldest due task has been waiting for a claim. All workers report the same: use the max.",
    multiprocess_mode="livemostrecent",
)
PUBLISH_FAILURES = Counter("darkroom_publish_failures_total", "Messages left to the sweeper to publish.")
DEAD_LETTERS = Counter("darkroom_dead_letters_total", "Messages moved to the dead-letter queue.")
SWEEPS = Counter("darkroom_sweeps_total", "Finished sweeps, whatever failed in them.")
SWEEP_REPAIRS = Counter("darkroom_sweep_repairs_total", "Repairs made by the sweeper.", ["repair"])
SWEEP_FAILURES = Counter("darkroom_sweep_failures_total", "Repairs that an error interrupted.", ["repair"])
ORPHANS = Gauge(
    "darkroom_orphans",
    "Objects without a row that wait for their deletion. All workers report the same: use the max.",
    multiprocess_mode="livemostrecent",
)
ORPHANS_HELD = Gauge(
    "darkroom_orphans_held",
    "Orphans that are due and that a person has to allow. All workers report the same: use the max.",
    multiprocess_mode="livemostrecent",
)

# Dependencies and the process itself
DEPENDENCY_SECONDS = Histogram(
    "darkroom_dependency_call_seconds",
    "One call to a server, failed ones included.",
    ["dependency", "call"],
    buckets=_CALL,
)
DEPENDENCY_ERRORS = Counter(
    "darkroom_dependency_errors_total",
    "Calls that the server did not answer or rejected.",
    ["dependency"],
)
LOOP_LAG_SECONDS = Histogram(
    "darkroom_event_loop_lag_seconds", "How late a timer of the event loop fires.", buckets=_LAG
)

_KNOWN_LABELS: dict[Counter | Gauge, tuple[str, ...]] = {
    DELIVERIES: ("memory", "stored", "task", "rendered", "joined"),
    PREVIEWS: ("preview", "image", "task"),
    PROXIES: ("memory", "stored", "rendered"),
    AUTHENTICATIONS: ("session", "api_key"),
    ATTEMPTS: ("succeeded", "failed", "retried", "lost", "handed_back"),
    CHILDREN_LOST: (WorkerLost.code, ResourceLimit.code, RenderTimeout.code),
    QUEUE_TASKS: ("queued", "running"),
    DEPENDENCY_ERRORS: ("database", "object_store", "session_store", "broker", "source"),
    SWEEP_REPAIRS: ("reclaimed", "published", "purged", "deliveries_purged", "orphans_collected", "uploads_aborted"),
    SWEEP_FAILURES: (
        *("reclaimed", "published", "purged", "deliveries_purged", "orphans_collected", "uploads_aborted"),
        "measured",
    ),
}
for _metric, _values in _KNOWN_LABELS.items():
    for _value in _values:
        _metric.labels(_value)


class _Calling:
    def __init__(self, dependency: str, call: str) -> None:
        self._dependency = dependency
        self._seconds = _seconds_of(dependency, call)

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self._seconds.observe(time.perf_counter() - self._started)
        if isinstance(error, DependencyUnavailable):
            DEPENDENCY_ERRORS.labels(self._dependency).inc()


def calling(dependency: str, call: str) -> AbstractContextManager[None]:
    """Measure one call to a server. Enter it outside of what turns the vendor's errors into DependencyUnavailable."""
    return _Calling(dependency, call)


@cache
def _seconds_of(dependency: str, call: str) -> Histogram:
    return DEPENDENCY_SECONDS.labels(dependency, call)
