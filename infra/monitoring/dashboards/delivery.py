"""Images by URL: a row of the dashboard of the API."""

from infra.monitoring.panels import Panel, Query, Row

DELIVERY = Row(
    title="Delivery",
    panels=(
        Panel(
            title="Delivered images",
            question="How many images are delivered by URL, and where do they come from? Each rendered one is a miss.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (source) (rate(darkroom_deliveries_total[$__rate_interval]))",
                    legend="{{source}}",
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="Hit ratio of delivery",
            question="Which share of the delivered images is not rendered for the request? It drops after an upgrade.",
            unit="percentunit",
            queries=(
                Query(
                    expr=(
                        '1 - sum(rate(darkroom_deliveries_total{source="rendered"}[$__rate_interval]))'
                        " / sum(rate(darkroom_deliveries_total[$__rate_interval]))"
                    ),
                    legend="hits",
                ),
            ),
        ),
        Panel(
            title="Response time of delivery",
            question="How long do clients wait for an image by URL? Hits and misses together.",
            unit="s",
            queries=tuple(
                Query(
                    expr=(
                        f"histogram_quantile({quantile}, sum by (le) (rate(darkroom_http_request_seconds_bucket"
                        '{route=~"/i/.*|/thumbor/.*"}[$__rate_interval])))'
                    ),
                    legend=f"p{100 * quantile:.0f}",
                )
                for quantile in (0.5, 0.95)
            ),
        ),
        Panel(
            title="Wait for delivery",
            question="How long do images by URL and previews wait for a process? p95. Near the deadline, add slots.",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "histogram_quantile(0.95, sum by (le)"
                        " (rate(darkroom_delivery_queue_seconds_bucket[$__rate_interval])))"
                    ),
                    legend="p95",
                ),
            ),
        ),
        Panel(
            title="Errors of delivery",
            question="Which requests for images by URL fail? 503: add slots. 403 and 404: old pages or guesses.",
            unit="reqps",
            queries=(
                Query(
                    expr=(
                        "sum by (status) (rate(darkroom_http_requests_total"
                        '{route=~"/i/.*|/thumbor/.*",status=~"[45].."}[$__rate_interval]))'
                    ),
                    legend="{{status}}",
                ),
            ),
            stacked=True,
        ),
    ),
)
