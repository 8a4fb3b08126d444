"""Slots, filters, attempts and render processes."""

from infra.monitoring.panels import Dashboard, Panel, Query, Row

_SLOTS = Row(
    title="Slots",
    panels=(
        Panel(
            title="Slots",
            question="How many images can be rendered at once, and how many are? By worker.",
            width=6,
            queries=(
                Query(expr="sum by (instance) (darkroom_worker_slots > 0)", legend="{{instance}} slots"),
                Query(
                    expr="sum by (instance) (darkroom_worker_slots_busy and darkroom_worker_slots > 0)",
                    legend="{{instance}} busy",
                ),
            ),
        ),
        Panel(
            title="Wait for a slot",
            question="How long do tasks wait from the upload to their first claim? More workers shorten it.",
            width=6,
            unit="s",
            queries=tuple(
                Query(
                    expr=(
                        f"histogram_quantile({quantile}, sum by (le)"
                        " (rate(darkroom_task_wait_seconds_bucket[$__rate_interval])))"
                    ),
                    legend=legend,
                )
                for quantile, legend in ((0.5, "p50"), (0.95, "p95"))
            ),
        ),
        Panel(
            title="Attempts",
            question="How do claims end? retried: claimed again later; lost: another worker took over.",
            width=6,
            unit="ops",
            queries=(
                Query(expr="sum by (outcome) (rate(darkroom_attempts_total[$__rate_interval]))", legend="{{outcome}}"),
            ),
            stacked=True,
        ),
        Panel(
            title="Copied outputs",
            question="How many tasks copied the output of the same work in place of a render?",
            width=6,
            unit="ops",
            queries=(Query(expr="sum(rate(darkroom_outputs_copied_total[$__rate_interval]))", legend="copied"),),
        ),
    ),
)

_RENDERING = Row(
    title="Rendering",
    panels=(
        Panel(
            title="Render time",
            question="How long do renders take? Darker: more renders.",
            kind="heatmap",
            queries=(Query(expr="sum by (le) (increase(darkroom_render_seconds_bucket[$__rate_interval]))"),),
            width=12,
        ),
        Panel(
            title="Slowest filters",
            question="Which filters are slow? p95 of their steps.",
            kind="bargauge",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "sort_desc(histogram_quantile(0.95, sum by (filter, le)"
                        " (rate(darkroom_step_seconds_bucket[5m]))))"
                    ),
                    legend="{{filter}}",
                ),
            ),
            thresholds=((1, "orange"), (5, "red")),
            width=12,
        ),
        Panel(
            title="Filters",
            question="Which filters are used, and which occur in failed tasks?",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (filter, status) (rate(darkroom_filtered_tasks_total[$__rate_interval]))",
                    legend="{{filter}} {{status}}",
                ),
            ),
            stacked=True,
            width=12,
        ),
        Panel(
            title="Time spent by filter",
            question="Where does the render time go? 1 equals one fully used slot.",
            unit="short",
            queries=(
                Query(expr="sum by (filter) (rate(darkroom_step_seconds_sum[$__rate_interval]))", legend="{{filter}}"),
            ),
            stacked=True,
            width=12,
        ),
        Panel(
            title="Pixels",
            question="How many pixels a second are decoded and encoded?",
            queries=(
                Query(expr="sum(rate(darkroom_source_pixels_total[$__rate_interval]))", legend="in"),
                Query(expr="sum(rate(darkroom_output_pixels_total[$__rate_interval]))", legend="out"),
            ),
        ),
        Panel(
            title="Bytes",
            question="How many bytes a second are read from and written to the object store for renders?",
            unit="Bps",
            queries=(
                Query(expr="sum(rate(darkroom_source_bytes_total[$__rate_interval]))", legend="in"),
                Query(expr="sum(rate(darkroom_output_bytes_total[$__rate_interval]))", legend="out"),
            ),
        ),
        Panel(
            title="Formats",
            question="Which output formats are rendered?",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (format) (rate(darkroom_render_seconds_count[$__rate_interval]))", legend="{{format}}"
                ),
            ),
            stacked=True,
        ),
    ),
)

_CHILDREN = Row(
    title="Render processes and sweeps",
    panels=(
        Panel(
            title="Render processes lost",
            question="Why do render processes die? timeout and resource_limit were killed at a limit.",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (code) (rate(darkroom_render_children_lost_total[$__rate_interval]))",
                    legend="{{code}}",
                ),
            ),
            stacked=True,
        ),
        Panel(
            title="Render processes started",
            question="How often is a render process replaced? A healthy one lives for 200 renders.",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (instance) (rate(darkroom_render_children_started_total[$__rate_interval]))",
                    legend="{{instance}}",
                ),
            ),
        ),
        Panel(
            title="Event loop lag",
            question="Does anything block a worker's event loop? It renews the leases.",
            unit="s",
            queries=(
                Query(
                    expr=(
                        "histogram_quantile(0.99, sum by (instance, le)"
                        ' (rate(darkroom_event_loop_lag_seconds_bucket{job="worker"}[$__rate_interval])))'
                    ),
                    legend="{{instance}}",
                ),
            ),
            thresholds=((0.5, "red"),),
        ),
        Panel(
            title="Sweeps",
            question="Does every worker sweep? Each should every few seconds.",
            unit="ops",
            queries=(
                Query(expr="sum by (instance) (rate(darkroom_sweeps_total[$__rate_interval]))", legend="{{instance}}"),
            ),
        ),
        Panel(
            title="Failed repairs",
            question="Which part of the sweep fails? measured: the queue's gauges are stale.",
            unit="ops",
            queries=(
                Query(
                    expr="sum by (repair) (rate(darkroom_sweep_failures_total[$__rate_interval]))", legend="{{repair}}"
                ),
            ),
        ),
        Panel(
            title="Sandbox",
            question="Is every layer of the render processes' sandbox active? 0: a worker's kernel lacks this one.",
            queries=(Query(expr="min by (layer) (darkroom_render_isolation)", legend="{{layer}}"),),
        ),
    ),
)

WORKER = Dashboard(
    name="worker",
    title="Worker",
    question="Are there enough slots, what do renders cost, and which renders kill their process?",
    rows=(_SLOTS, _RENDERING, _CHILDREN),
)
