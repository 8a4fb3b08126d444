# Measuring: included by the Makefile.

.PHONY: bench-costs

bench-costs: setup ## Measure what a task costs on real servers, for docs/scaling.md
	@$(python) -m benchmarks.costs

.PHONY: capacity

capacity: setup ## Compute docs/scaling.md from the measured costs
	@$(python) -m benchmarks.capacity

.PHONY: bench-s3-clients

bench-s3-clients: setup ## Measure transfers to S3 and back, with boto and obstore
	@$(python) -m benchmarks.s3_clients

.PHONY: bench-service

bench-service: setup ## Measure the whole service and the bare render loop; TASKS=60 or ONLY=small for less
	@$(python) -m benchmarks.service --tasks $(or $(TASKS),300) $(if $(ONLY),--only $(ONLY))

.PHONY: bench-delivery

bench-delivery: setup ## Measure images by URL against thumbor and ipx; REQUESTS=20 for less
	@$(python) -m benchmarks.delivery --requests $(or $(REQUESTS),60)

.PHONY: bench-plans

bench-plans: setup ## Measure what each rule of the planner saves
	@$(python) -m benchmarks.plans

.PHONY: bench-render

bench-render: setup ## Compare the engine with sharp, libvips and plain Pillow; ROUNDS=2 SECONDS=1 for less
	@$(find_uv); "$$uv" sync --quiet --frozen --no-install-project --inexact --group bench
	@npm ci --silent --no-audit --no-fund --prefix benchmarks/node
	@$(python) -m benchmarks.render --rounds $(or $(ROUNDS),5) --seconds $(or $(SECONDS),2)

.PHONY: bench-memory

bench-memory: setup ## Measure the memory for images of 49 megapixels; ONLY="webp gif" for some formats
	@$(python) -m benchmarks.memory $(ONLY)

.PHONY: bench-filters

bench-filters: setup ## Measure every filter on 12 MP
	@$(python) -m benchmarks.filters
