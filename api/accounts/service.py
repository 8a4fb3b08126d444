"""Who somebody is: registering, recognising by password, a new password, and leaving without a trace."""

from uuid import UUID

from api.accounts.login_throttle import Tries, account
from api.accounts.passwords import Passwords
from api.quotas import Quotas
from api.uploads.incoming import discard
from core.errors import Unauthenticated
from storage import NewSession, Storage, User


class Accounts:
    def __init__(self, storage: Storage, *, passwords: Passwords, quotas: Quotas, tries: Tries) -> None:
        self._storage = storage
        self.passwords = passwords
        self._quotas = quotas
        self._tries = tries

    async def register(self, email: str, password: str) -> User:
        return await self._storage.users.create(email, password_hash=await self._hash(password))

    async def sign_in(self, email: str, password: str, *, address: str, label: str) -> NewSession:
        """Raises InvalidCredentials, or TooManyRequests after too many of those."""
        user = await self._storage.users.by_email(email)
        await self._recognise(user, password, who=(account(email), address))
        if user is None:
            raise Unauthenticated("This user is gone.")
        new = await self._storage.sessions.create(user.user_id, label=label)
        # A new password ends all sessions, so also the one that was made of the old password just now.
        if await self._storage.users.get(user.user_id) != user:
            await self._storage.sessions.revoke(user.user_id, new.session.session_id)
            raise Unauthenticated("The password was changed just now. Sign in again.")
        return new

    async def change_password(self, user_id: UUID, password: str, new_password: str, *, address: str) -> User:
        """Ends every session, first of all, so that nothing has changed if that cannot be done."""
        user = await self._confirmed(user_id, password, address=address)
        password_hash = await self._hash(new_password)
        await self._storage.sessions.revoke_all(user_id)
        if not await self._storage.users.change_password(user, password_hash=password_hash):
            raise Unauthenticated("The password was changed just now. Sign in again.")
        await self._storage.sessions.revoke_all(user_id)  # those made of the old password in between
        return user

    async def erase(self, user_id: UUID, password: str, *, address: str) -> None:
        """Sessions first, then rows and objects, some at a time; what an interruption leaves can be erased again."""
        user = await self._confirmed(user_id, password, address=address)
        await self._storage.sessions.revoke_all(user_id)
        while (keys := await self._storage.users.erase_some(user_id)) is not None:
            await discard(self._storage.objects, keys)
        await self._storage.sessions.revoke_all(user_id)
        await self._quotas.forget(user_id)
        await self._tries.forget(account(user.email), address)

    async def _confirmed(self, user_id: UUID, password: str, *, address: str) -> User:
        user = await self._storage.users.get(user_id)
        if user is None:
            raise Unauthenticated("This user is gone.")
        await self._recognise(user, password, who=(account(user.email), address))
        return user

    async def _recognise(self, user: User | None, password: str, *, who: tuple[str, ...]) -> None:
        """Takes turns, so that many guesses at once are counted as one after the other."""
        await self._tries.check(*who)
        async with self.passwords.turn():
            await self._tries.check(*who)
            if not await self.passwords.verify(user.password_hash if user else None, password):
                raise await self._tries.refuse(*who)

    async def _hash(self, password: str) -> str:
        async with self.passwords.turn():
            return await self.passwords.hash(password)
