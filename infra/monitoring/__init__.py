"""Dashboards as Python. `make fix` writes from them Grafana's JSON and the tables of docs/monitoring.md."""
