"""What the checks share: the rows of the database, and what is wrong."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.faults.harness.testbed import Testbed
from tests.harness.servers import asyncpg_url, in_thread

MAX_ATTEMPTS = 3
Row = dict[str, Any]


@dataclass
class Findings:
    """`lost`: tasks without an end, or with a wrong one; `doubled`: more outputs or rows than tasks."""

    tasks: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.others]


def rows_of(testbed: Testbed) -> dict[str, Row]:
    """Return every task, straight from the database."""
    return {str(row["task_id"]): row for row in in_thread(lambda: fetch(testbed.database_url, "SELECT * FROM tasks"))}


async def fetch(url: str, query: str, *arguments: object) -> list[Row]:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=60, command_timeout=60)
    try:
        return [dict(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close(timeout=5)
