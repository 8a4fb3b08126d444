"""`python -m storage.adopt`: assigns the bucket in the settings to the database in the settings, deliberately."""

import asyncio
import sys

from core.errors import DarkroomError
from core.settings import read_settings
from storage import open_bucket_identity


def main() -> int:
    """Return the exit code: 0 if the bucket belongs to the database now, 1 if not."""
    try:
        message = asyncio.run(_adopt())
    except DarkroomError as error:
        sys.stderr.write(f"darkroom: {error.detail}\n")
        return 1
    sys.stdout.write(message)
    return 0


async def _adopt() -> str:
    settings = read_settings()
    async with open_bucket_identity(settings) as identity:
        await identity.adopt()
    return (
        f"{identity.bucket} belongs to the database {identity.database} now. Nothing was deleted, and no object that "
        "it holds now will be collected as an orphan. Services of other databases stop collecting orphans in it.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
