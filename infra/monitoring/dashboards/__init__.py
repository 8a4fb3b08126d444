"""The dashboards, in the order in which somebody who is woken up opens them."""

from infra.monitoring.dashboards.api import API
from infra.monitoring.dashboards.dependencies import DEPENDENCIES
from infra.monitoring.dashboards.overview import OVERVIEW
from infra.monitoring.dashboards.worker import WORKER

DASHBOARDS = (OVERVIEW, API, WORKER, DEPENDENCIES)
