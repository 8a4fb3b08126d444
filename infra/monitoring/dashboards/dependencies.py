"""Database, object store, broker and session store: measured by Darkroom's calls, and by themselves."""

from infra.monitoring.panels import Dashboard, Panel, Query, Row

_CALLS = Row(
    title="Measured by Darkroom's calls",
    panels=(
        Panel(
            title="Calls",
            question="How many calls go to each server?",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (dependency) (rate(darkroom_dependency_call_seconds_count[$__rate_interval]))",
                    legend="{{dependency}}",
                ),
            ),
        ),
        Panel(
            title="Duration of a call",
            question="Which server is slow? p95 of the calls to it.",
            unit="s",
            queries=(Query(expr="darkroom:dependency_call_seconds:p95_rate5m", legend="{{dependency}}"),),
            thresholds=((1, "orange"),),
        ),
        Panel(
            title="Failed calls",
            question="Which server is down, frozen or rejecting calls, and since when?",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (dependency) (rate(darkroom_dependency_errors_total[$__rate_interval]))",
                    legend="{{dependency}}",
                ),
            ),
        ),
        Panel(
            title="Slowest calls",
            question="Which call is slow? A transaction counts as one, including the wait for its connection.",
            kind="bargauge",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "topk(12, histogram_quantile(0.95, sum by (dependency, call, le)"
                        " (rate(darkroom_dependency_call_seconds_bucket[5m]))))"
                    ),
                    legend="{{dependency}} {{call}}",
                ),
            ),
            thresholds=((0.5, "orange"), (2, "red")),
            width=24,
        ),
    ),
)

_POSTGRES = Row(
    title="PostgreSQL",
    panels=(
        Panel(
            title="Connections",
            question="How close is the server to its connection limit?",
            queries=(
                Query(expr="sum(pg_stat_database_numbackends)", legend="open"),
                Query(expr="max(pg_settings_max_connections)", legend="limit"),
            ),
        ),
        Panel(
            title="Transactions",
            question="How many transactions are committed and rolled back?",
            unit="ops",
            queries=(
                Query(expr="sum(rate(pg_stat_database_xact_commit[$__rate_interval]))", legend="committed"),
                Query(expr="sum(rate(pg_stat_database_xact_rollback[$__rate_interval]))", legend="rolled back"),
            ),
        ),
        Panel(
            title="Size",
            question="How large is the database?",
            unit="bytes",
            queries=(Query(expr='pg_database_size_bytes{datname="darkroom"}', legend="{{datname}}"),),
        ),
    ),
)

_RABBITMQ = Row(
    title="RabbitMQ",
    panels=(
        Panel(
            title="Messages",
            question="How many messages are in the queue and the dead-letter queue? The tasks are in the database.",
            queries=(
                Query(expr="sum by (queue) (rabbitmq_detailed_queue_messages_ready)", legend="{{queue}} ready"),
                Query(expr="sum by (queue) (rabbitmq_detailed_queue_messages_unacked)", legend="{{queue}} unacked"),
            ),
        ),
        Panel(
            title="Consumers",
            question="Who consumes the queue? One consumer per worker.",
            queries=(Query(expr="sum by (queue) (rabbitmq_detailed_queue_consumers)", legend="{{queue}}"),),
        ),
        Panel(
            title="Memory",
            question="How close is RabbitMQ to the limit at which it stops accepting messages?",
            unit="bytes",
            queries=(
                Query(expr="sum(rabbitmq_process_resident_memory_bytes)", legend="used"),
                Query(expr="sum(rabbitmq_resident_memory_limit_bytes)", legend="limit"),
            ),
        ),
    ),
)

_OTHERS = Row(
    title="Redis, MinIO and alerts",
    panels=(
        Panel(
            title="Redis memory",
            question="How close is Redis to the size at which it evicts the least recently used session?",
            unit="bytes",
            queries=(
                Query(expr="redis_memory_used_bytes", legend="used"),
                Query(expr="redis_memory_max_bytes", legend="limit"),
            ),
        ),
        Panel(
            title="Evicted sessions",
            question="Was anybody signed out because Redis was full? Should be 0.",
            unit="ops",
            queries=(Query(expr="rate(redis_evicted_keys_total[$__rate_interval])", legend="keys"),),
        ),
        Panel(
            title="Free space in the object store",
            question="How much space is free?",
            unit="bytes",
            queries=(
                Query(expr="sum(minio_cluster_capacity_usable_free_bytes)", legend="free"),
                Query(expr="sum(minio_cluster_capacity_usable_total_bytes)", legend="total"),
            ),
        ),
        Panel(
            title="Requests to the object store",
            question="Which requests does it get, including downloads by browsers?",
            unit="reqps",
            queries=(Query(expr="sum by (api) (rate(minio_s3_requests_total[$__rate_interval]))", legend="{{api}}"),),
            width=12,
        ),
        Panel(
            title="Targets",
            question="Which targets can Prometheus not scrape? 1 means up.",
            queries=(Query(expr="min by (job) (up)", legend="{{job}}"),),
            axis_max=1,
            width=12,
        ),
        Panel(
            title="Notifications",
            question="Do alerts reach their receiver? Failed ones are sent again.",
            unit="ops",
            queries=(
                Query(expr="sum(rate(alertmanager_notifications_total[$__rate_interval]))", legend="sent"),
                Query(expr="sum(rate(alertmanager_notifications_failed_total[$__rate_interval]))", legend="failed"),
            ),
            width=12,
        ),
        Panel(
            title="Certificate",
            question="How long is the certificate valid? Empty without TLS by Caddy.",
            unit="s",
            queries=(Query(expr="probe_ssl_earliest_cert_expiry - time()", legend="{{instance}}"),),
            width=12,
        ),
    ),
)

DEPENDENCIES = Dashboard(
    name="dependencies",
    title="Dependencies",
    question="Which server slows Darkroom down or stops it?",
    rows=(_CALLS, _POSTGRES, _RABBITMQ, _OTHERS),
)
