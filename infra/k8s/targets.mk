# Kubernetes: included by the Makefile.

.PHONY: check-k8s

check: check-k8s
check-k8s: setup
	@$(python) -m tests.harness.kubernetes
