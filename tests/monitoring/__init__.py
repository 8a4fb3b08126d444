"""What the metrics, dashboards and rules say, held against the code and a real Prometheus."""
