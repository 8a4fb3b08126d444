"""Health, load, latency, errors."""

from infra.monitoring.panels import Dashboard, Panel, Query, Row

_IS_IT_WELL = Row(
    title="Health",
    panels=(
        Panel(
            title="Alerts",
            question="Does anything need attention now? The table shows what; docs/runbook.md says what to do.",
            kind="stat",
            queries=(Query(expr='count(ALERTS{alertstate="firing"}) or vector(0)', legend="firing"),),
            thresholds=((1, "red"),),
            width=4,
            height=6,
        ),
        Panel(
            title="Firing alerts",
            question="Which alerts fire? docs/runbook.md has a section with the name of each.",
            kind="table",
            queries=(
                Query(
                    expr=(
                        'sum by (alertname, severity) (ALERTS{alertstate="firing"})'
                        ' or on () label_replace(vector(0), "alertname", "none", "", "")'
                    )
                ),
            ),
            width=6,
            height=6,
        ),
        Panel(
            title="Requests without a server error",
            question="Is the objective met that 99.9 % of requests get no 5xx? Over one hour.",
            kind="stat",
            unit="percentunit",
            queries=(Query(expr="1 - darkroom:http_errors:ratio_rate1h", legend="1 h"),),
            color="red",
            thresholds=((0.999, "green"),),
            width=5,
            height=6,
        ),
        Panel(
            title="Tasks without a server-side failure",
            question="Is the objective met that 99.5 % of tasks do not fail for a server-side reason? Over one hour.",
            kind="stat",
            unit="percentunit",
            queries=(Query(expr="1 - darkroom:task_failures:ratio_rate1h", legend="1 h"),),
            color="red",
            thresholds=((0.995, "green"),),
            width=5,
            height=6,
        ),
        Panel(
            title="Tasks that end within 30 s",
            question="Is the objective met that 95 % of tasks end within 30 s of their upload? Over one hour.",
            kind="stat",
            unit="percentunit",
            queries=(Query(expr="1 - darkroom:task_slow:ratio_rate1h", legend="1 h"),),
            color="red",
            thresholds=((0.95, "green"),),
            width=4,
            height=6,
        ),
    ),
)

_HOW_MUCH = Row(
    title="Throughput",
    panels=(
        Panel(
            title="Tasks",
            question="How many tasks are submitted, and how many end? More submitted than ended means a growing queue.",
            unit="ops",
            queries=(
                Query(expr="sum(rate(darkroom_tasks_submitted_total[$__rate_interval]))", legend="submitted"),
                Query(expr="darkroom:tasks_finished:rate5m", legend="{{status}}"),
            ),
        ),
        Panel(
            title="Waiting and running",
            question="How many tasks are unfinished? Each worker counts the same tasks in the database, up to 100,000.",
            queries=(Query(expr="darkroom:queue_tasks:max", legend="{{status}}"),),
            stacked=True,
        ),
        Panel(
            title="Busy slots",
            question="How much of the render capacity is in use? If it stays at 100 %, add workers.",
            unit="percentunit",
            queries=(Query(expr="darkroom:slots_busy:ratio", legend="busy"),),
            thresholds=((0.9, "orange"),),
            axis_max=1,
        ),
    ),
)

_HOW_FAST = Row(
    title="Latency",
    panels=(
        Panel(
            title="Upload to end",
            question="How long does a user wait for an output? p50 and p95.",
            unit="s",
            queries=(
                Query(expr="darkroom:task_seconds:p50_rate5m", legend="p50"),
                Query(expr="darkroom:task_seconds:p95_rate5m", legend="p95"),
            ),
            thresholds=((30, "red"),),
        ),
        Panel(
            title="Oldest waiting task",
            question="How long has the oldest due task been waiting? An alert fires above 120 s.",
            unit="s",
            queries=(Query(expr="darkroom:queue_oldest_seconds:max", legend="oldest"),),
            thresholds=((120, "red"),),
        ),
        Panel(
            title="Response time",
            question="How long does the API take to respond, including uploads?",
            unit="s",
            queries=(
                Query(expr="darkroom:http_request_seconds:p50_rate5m", legend="p50"),
                Query(expr="darkroom:http_request_seconds:p95_rate5m", legend="p95"),
            ),
        ),
    ),
)

_WHAT_FAILS = Row(
    title="Failures",
    panels=(
        Panel(
            title="Failed tasks",
            question="Why do tasks fail? Codes that name the image or a step are caused by the image.",
            unit="ops",
            queries=(
                Query(
                    expr=(
                        'sum by (code) (rate(darkroom_tasks_finished_total{status="failed"}[$__rate_interval]))'
                        " or vector(0)"
                    ),
                    legend="{{code}}",
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="Failed calls",
            question="Which server is down, frozen or rejecting calls? The share of calls to it that fail.",
            unit="percentunit",
            queries=(Query(expr="darkroom:dependency_errors:ratio_rate5m", legend="{{dependency}}"),),
            thresholds=((0.05, "red"),),
        ),
        Panel(
            title="Repairs",
            question="What did the sweep repair? Reclaimed: a worker died. Published: a message was lost or not sent.",
            unit="ops",
            queries=(
                Query(
                    expr='sum by (repair) (rate(darkroom_sweep_repairs_total{repair!="purged"}[$__rate_interval]))',
                    legend="{{repair}}",
                ),
                Query(expr="sum(rate(darkroom_dead_letters_total[$__rate_interval]))", legend="dead letters"),
            ),
        ),
        Panel(
            title="Orphans",
            question="How many objects have no row? Held: more are due than one collection may delete.",
            unit="short",
            queries=(
                Query(expr="max(darkroom_orphans)", legend="marked"),
                Query(expr="max(darkroom_orphans_held)", legend="held"),
            ),
        ),
    ),
)

OVERVIEW = Dashboard(
    name="overview",
    title="Overview",
    question="Is Darkroom healthy, how much does it do, how fast, and what fails?",
    rows=(_IS_IT_WELL, _HOW_MUCH, _HOW_FAST, _WHAT_FAILS),
)
