"""The version before the last migration works on today's schema: that is how a deployment is rolled out, or back.

previous_version.sql has every statement that its storage executes on PostgreSQL.
"""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from storage.sql.upgrade import migrate
from tests.harness import fresh
from tests.harness.servers import asyncpg_url, in_thread
from tests.harness.statement_recorder import parse

STATEMENTS = parse(Path(__file__).with_name("previous_version.sql").read_text())
INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)")
_REQUIRED = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO' AND is_generated = 'NEVER'
"""

type Connection = asyncpg.Connection[asyncpg.Record]

pytestmark = pytest.mark.needs("postgres")


@pytest.fixture(scope="module")
def migrated_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with fresh.database(request.getfixturevalue("postgres_server")) as url:
        in_thread(lambda: migrate(url))
        yield url


async def problems(connection: Connection) -> list[str]:
    """Return what the statements miss, and what the schema demands that their rows do not have."""
    found = []
    required = {(row["table_name"], row["column_name"]) for row in await connection.fetch(_REQUIRED)}
    for table, columns in {each for statement in STATEMENTS for each in INSERT.findall(statement)}:
        given = {column.strip() for column in columns.split(",")}
        found += [f"{table}.{name} is required" for owner, name in required if owner == table and name not in given]
    for statement in STATEMENTS:
        try:
            async with connection.transaction():
                await connection.prepare(statement)
        except asyncpg.PostgresError as error:
            found.append(f"{error}: {statement[:60]}")
    return found


@pytest_asyncio.fixture
async def connection(migrated_url: str) -> AsyncIterator[Connection]:
    """In a transaction that is rolled back."""
    opened = await asyncpg.connect(asyncpg_url(migrated_url))
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


async def test_its_statements_run_on_this_schema(connection: Connection) -> None:
    tables = {table for statement in STATEMENTS for table, _ in INSERT.findall(statement)}
    assert {"users", "images", "tasks", "api_keys", "presets"} <= tables
    assert await problems(connection) == []


@pytest.mark.parametrize(
    "contraction",
    [
        "ALTER TABLE tasks DROP COLUMN render_report",
        "ALTER TABLE presets RENAME TO looks",
        "ALTER TABLE users ADD COLUMN age int NOT NULL",
        "ALTER TABLE images ALTER COLUMN key TYPE bytea USING key::bytea",
    ],
)
async def test_a_migration_that_breaks_them_is_noticed(connection: Connection, contraction: str) -> None:
    await connection.execute(contraction)
    assert await problems(connection) != []
