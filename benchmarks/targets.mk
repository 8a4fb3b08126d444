# Measuring: included by the Makefile.

.PHONY: bench-costs

bench-costs: setup ## Measure what a task costs on real servers; docs/scaling.md works with it
	@$(python) -m benchmarks.costs

.PHONY: capacity

capacity: setup ## Work out docs/scaling.md from what was measured
	@$(python) -m benchmarks.capacity

.PHONY: bench-s3-clients

bench-s3-clients: setup ## Measure what carrying a picture to S3 and back costs, by boto and by obstore
	@$(python) -m benchmarks.s3_clients

.PHONY: bench-service

bench-service: setup ## Measure the whole service against the bare render loop; make bench-service TASKS=60 for less
	@$(python) -m benchmarks.service --tasks $(or $(TASKS),300)

.PHONY: bench-plans

bench-plans: setup ## Measure what each rule of the planner gives over taking every step in turn
	@$(python) -m benchmarks.plans

.PHONY: bench-render

bench-render: setup ## Measure the engine against sharp, libvips and plain Pillow; ROUNDS=2 SECONDS=1 for less
	@$(find_uv); "$$uv" sync --quiet --frozen --group bench
	@npm ci --silent --no-audit --no-fund --prefix benchmarks/node
	@$(python) -m benchmarks.render --rounds $(or $(ROUNDS),5) --seconds $(or $(SECONDS),2)

.PHONY: bench-filters

bench-filters: setup ## Measure every filter on 12 MP
	@$(python) -m benchmarks.filters
