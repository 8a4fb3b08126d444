"""Requests, uploads and rejections."""

from infra.monitoring.dashboards.delivery import DELIVERY
from infra.monitoring.panels import Dashboard, Panel, Query, Row

_REQUESTS = Row(
    title="Requests",
    panels=(
        Panel(
            title="Requests by route",
            question="Which routes are used? By route template; unmatched means that no route exists.",
            unit="reqps",
            queries=(Query(expr="darkroom:http_requests:rate5m", legend="{{route}}"),),
            stacked=True,
        ),
        Panel(
            title="Requests by status",
            question="How are they answered? 499 means that the client disconnected.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (status) (rate(darkroom_http_requests_total[$__rate_interval]))", legend="{{status}}"
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="Requests by credential",
            question="Who uses the API: people with sessions, or programs with API keys? Logs have the id of the key.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (credential) (rate(darkroom_authentications_total[$__rate_interval]))",
                    legend="{{credential}}",
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="Previews",
            question="How many previews and thumbnails are requested, by what they show?",
            unit="reqps",
            queries=(Query(expr="sum by (kind) (rate(darkroom_previews_total[$__rate_interval]))", legend="{{kind}}"),),
            stacked=True,
        ),
        Panel(
            title="Small copies",
            question="Where do previews find the small copy of their image? A rendered one reads a whole source.",
            unit="reqps",
            queries=(
                Query(expr="sum by (source) (rate(darkroom_proxies_total[$__rate_interval]))", legend="{{source}}"),
            ),
            stacked=True,
        ),
        Panel(
            title="In flight",
            question="How many requests are in progress, over all processes?",
            queries=(Query(expr="sum(darkroom_http_requests_in_flight)", legend="in flight"),),
        ),
        Panel(
            title="Slowest routes",
            question="Which routes are slow? p95 of each route.",
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
            title="Response time of a submission",
            question="How long does a client wait for its 202, from the first byte to the committed task?",
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
    title="Uploads and rejections",
    panels=(
        Panel(
            title="Accepted uploads",
            question="How many bytes of images are uploaded?",
            unit="Bps",
            queries=(Query(expr="sum(rate(darkroom_uploaded_bytes_total[$__rate_interval]))", legend="bytes"),),
        ),
        Panel(
            title="Rejections",
            question="What is rejected, by error code? Many invalid_credentials mean password guessing.",
            unit="reqps",
            queries=(Query(expr="sum by (code) (rate(darkroom_refusals_total[$__rate_interval]))", legend="{{code}}"),),
            stacked=True,
        ),
        Panel(
            title="Left to the sweep",
            question="How many tasks were committed, but not published? They start after the next sweep.",
            unit="ops",
            queries=(Query(expr="sum(rate(darkroom_publish_failures_total[$__rate_interval]))", legend="messages"),),
        ),
        Panel(
            title="Ignored forwarded headers",
            question="Is a proxy missing in DARKROOM_TRUSTED_PROXIES? Its clients count as one.",
            unit="reqps",
            queries=(Query(expr="sum(rate(darkroom_ignored_forwardings_total[$__rate_interval]))", legend="requests"),),
        ),
    ),
)

_PROCESS = Row(
    title="Processes",
    panels=(
        Panel(
            title="Event loop lag",
            question="Does anything block the event loop? p99 of the delay of its timers.",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "histogram_quantile(0.99, sum by (instance, le)"
                        ' (rate(darkroom_event_loop_lag_seconds_bucket{job=~"api|delivery"}[$__rate_interval])))'
                    ),
                    legend="{{instance}}",
                ),
            ),
            thresholds=((0.5, "red"),),
            width=12,
        ),
        Panel(
            title="API processes up",
            question="How many API addresses can Prometheus scrape?",
            queries=(
                Query(expr='sum by (job) (up{job=~"api|delivery"})', legend="{{job}} up"),
                Query(expr='count by (job) (up{job=~"api|delivery"})', legend="{{job}} known"),
            ),
            width=12,
        ),
    ),
)

API = Dashboard(
    name="api",
    title="API",
    question="How is the API used, how fast does it respond, and what does it reject?",
    rows=(_REQUESTS, DELIVERY, _UPLOADS, _PROCESS),
)
