"""What commands open that may run beside the service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from core.settings import Settings
from storage.backends import identity_of, open_object_store, open_sql
from storage.embedded.data_dir import held
from storage.identity import BucketIdentity
from storage.objects.interface import ObjectStore
from storage.sql.accounts.administration import AccountAdministration
from storage.sql.accounts.users import UserRepository
from storage.sql.bucket.orphan_marks import OrphanMarks
from storage.sql.database import describe_url


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStorage:
    """What a command needs that administers accounts. It may run beside the service."""

    users: UserRepository
    accounts: AccountAdministration
    open_objects: Callable[[], Awaitable[ObjectStore]]  # for the commands that delete some
    database: str  # its URL without the password


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[AccountStorage]:
    async with AsyncExitStack() as stack:
        database = await open_sql(stack, settings)
        yield AccountStorage(
            users=UserRepository(database),
            accounts=AccountAdministration(database),
            open_objects=partial(open_object_store, stack, settings),
            database=describe_url(settings.resolved_database_url),
        )


@asynccontextmanager
async def open_orphan_marks(settings: Settings) -> AsyncIterator[OrphanMarks]:
    """The marked orphans alone, for a command that may run beside the service."""
    async with AsyncExitStack() as stack:
        yield OrphanMarks(await open_sql(stack, settings))


@asynccontextmanager
async def open_bucket_identity(settings: Settings) -> AsyncIterator[BucketIdentity]:
    """Database and bucket, not verified, for the command that adopts. Raises ConfigurationError as `open_storage`."""
    async with AsyncExitStack() as stack:
        if settings.embedded_parts:
            stack.enter_context(held(settings.data_dir))
        database = await open_sql(stack, settings)
        yield identity_of(settings, database, await open_object_store(stack, settings))
