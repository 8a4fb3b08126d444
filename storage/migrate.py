"""`python -m storage.migrate`: upgrades the schema of the database in the settings."""

import asyncio
import sys

from core.errors import DarkroomError
from core.settings import Settings
from storage.sql.upgrade import migrate


def main() -> int:
    settings = Settings()
    try:
        if not settings.database_url:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        asyncio.run(migrate(settings.resolved_database_url))
    except DarkroomError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    sys.stdout.write("The schema is up to date.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
