"""Requests, uploads and what is refused."""

from infra.monitoring.panels import Dashboard, Panel, Query, Row

_REQUESTS = Row(
    title="Requests",
    panels=(
        Panel(
            title="Requests by route",
            question="What do people do? By the route's template; unmatched is whatever no route answers.",
            unit="reqps",
            queries=(Query(expr="darkroom:http_requests:rate5m", legend="{{route}}"),),
            stacked=True,
        ),
        Panel(
            title="Requests by status",
            question="How are they answered? 499 is a client that hung up.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (status) (rate(darkroom_http_requests_total[$__rate_interval]))", legend="{{status}}"
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="In flight",
            question="How many requests are being answered right now, over all processes?",
            queries=(Query(expr="sum(darkroom_http_requests_in_flight)", legend="in flight"),),
        ),
        Panel(
            title="Slowest routes",
            question="Which calls take long? 95 % of the requests of a route are answered within so long.",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "histogram_quantile(0.95, sum by (route, le)"
                        " (rate(darkroom_http_request_seconds_bucket[$__rate_interval])))"
                    ),
                    legend="{{route}}",
                ),
            ),
            width=12,
        ),
        Panel(
            title="Time to the answer of a submission",
            question="How long do people wait for their 202, from the first byte of the upload to the committed task?",
            kind="heatmap",
            unit="short",
            queries=(
                Query(
                    expr=(
                        "sum by (le) (increase(darkroom_http_request_seconds_bucket"
                        '{method="POST",route="/v1/tasks"}[$__rate_interval]))'
                    )
                ),
            ),
            width=12,
        ),
    ),
)

_UPLOADS = Row(
    title="Uploads and refusals",
    panels=(
        Panel(
            title="Accepted uploads",
            question="How many bytes of pictures come in?",
            unit="Bps",
            queries=(Query(expr="sum(rate(darkroom_uploaded_bytes_total[$__rate_interval]))", legend="bytes"),),
        ),
        Panel(
            title="Refusals",
            question="What is refused, by the code in the answer? Many invalid_credentials are somebody guessing.",
            unit="reqps",
            queries=(Query(expr="sum by (code) (rate(darkroom_refusals_total[$__rate_interval]))", legend="{{code}}"),),
            stacked=True,
        ),
        Panel(
            title="Left to the sweep",
            question="How many tasks were committed without their message? They start later, at the next sweep.",
            unit="ops",
            queries=(Query(expr="sum(rate(darkroom_publish_failures_total[$__rate_interval]))", legend="messages"),),
        ),
    ),
)

_PROCESS = Row(
    title="Processes",
    panels=(
        Panel(
            title="Event loop lag",
            question="Does anything block the event loop? 99 % of its timers fire within so long of their time.",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "histogram_quantile(0.99, sum by (instance, le)"
                        ' (rate(darkroom_event_loop_lag_seconds_bucket{job="api"}[$__rate_interval])))'
                    ),
                    legend="{{instance}}",
                ),
            ),
            limits=((0.5, "red"),),
            width=12,
        ),
        Panel(
            title="API processes that answer",
            question="How many addresses of the API does Prometheus reach?",
            queries=(Query(expr='sum(up{job="api"})', legend="up"), Query(expr='count(up{job="api"})', legend="known")),
            width=12,
        ),
    ),
)

API = Dashboard(
    name="api",
    title="API",
    question="What do people ask of the API, how fast does it answer and what does it refuse?",
    rows=(_REQUESTS, _UPLOADS, _PROCESS),
)
