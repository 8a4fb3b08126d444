# Dashboards and rules: included by infra/targets.mk.

.PHONY: check-monitoring fix-monitoring

check: check-monitoring
check-monitoring: setup
	@! command -v promtool >/dev/null || { promtool check config infra/monitoring/prometheus.yml && \
		promtool test rules infra/monitoring/rules/tests/*.yml; } >/dev/null

fix: fix-monitoring
fix-monitoring: setup
	@$(python) -m infra.monitoring
