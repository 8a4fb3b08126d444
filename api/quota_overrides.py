"""Quotas of single users, in memory, so that no submission waits for a query. A change of one loads all again."""

from uuid import UUID

from storage import AccountAdministration, UserQuotas

_AS_SET = UserQuotas()


class QuotaOverrides:
    def __init__(self, accounts: AccountAdministration) -> None:
        self._accounts = accounts
        self._by_user: dict[UUID, UserQuotas] = {}

    async def load(self) -> None:
        """Raises DependencyUnavailable, and keeps what was loaded before."""
        self._by_user = await self._accounts.quotas()

    def of(self, user_id: UUID) -> UserQuotas:
        return self._by_user.get(user_id, _AS_SET)
