"""`python -m storage.adopt`: gives the bucket that the settings name to the database that they name, on purpose."""

import asyncio
import sys

from core.errors import DarkroomError
from core.settings import read_settings
from storage import open_bucket_identity


def main() -> int:
    """Returns the exit code: 0 when the bucket is the database's now, 1 when it is not."""
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
        f"{identity.bucket} belongs to the database {identity.database} now. Nothing was deleted, and nothing that it "
        "holds now will be collected as an orphan. A service of another database stops collecting orphans in it.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
