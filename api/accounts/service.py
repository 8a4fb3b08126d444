"""Accounts: registration, sign-in, change of password and erasure."""

from dataclasses import dataclass

from api.accounts.login_throttle import Counts, LoginThrottle, account_of
from api.accounts.passwords import Passwords
from api.accounts.registrations import Registrations
from api.keys.service import ApiKeys
from api.quotas import Quotas
from core.errors import AccountDisabled, InvalidCredentials, TooManyRequests, Unauthenticated
from core.logs import audit_log
from storage import NewSession, Session, Storage, User

_log = audit_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client that signs in."""

    address: str
    label: str = ""
    device: str = ""  # the device token that the client sent
    keeps_device: bool = False  # whether the client stores a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    new: NewSession
    device: str | None  # the device token to send at the next sign-in; None if the client stores none


class Accounts:
    def __init__(  # noqa: PLR0913 - what erasure has to reach
        self,
        storage: Storage,
        *,
        passwords: Passwords,
        keys: ApiKeys,
        quotas: Quotas,
        throttle: LoginThrottle,
        registrations: Registrations,
    ) -> None:
        self._storage = storage
        self.passwords = passwords
        self._keys = keys
        self._quotas = quotas
        self._throttle = throttle
        self.registrations = registrations

    async def register(self, email: str, password: str, *, address: str) -> User:
        """Create a user. Raises EmailTaken, or TooManyRequests. A taken address counts too: probing must be limited."""
        await self.registrations.admit(address)
        user = await self._storage.users.create(email, password_hash=await self._hash(password))
        _log.info("user_registered", user_id=str(user.user_id), address=address)
        return user

    async def sign_in(self, email: str, password: str, client: Client) -> SignedIn:
        """Create a session. Raises InvalidCredentials, or TooManyRequests after too many wrong passwords."""
        counts = await self._throttle.counts_of_sign_in(email, address=client.address, device=client.device)
        user = None
        try:
            await self._throttle.check(counts)  # before any query
            user = await self._storage.users.by_email(email)
            user = await self._authenticate(user, password, counts)
        except (InvalidCredentials, TooManyRequests) as error:
            _report_failure(user, client, code=error.code)
            raise
        if user.disabled_at:
            _report_failure(user, client, code=AccountDisabled.code)
            raise AccountDisabled("This account is disabled. Ask the operator of this service.")
        new = await self._storage.sessions.create(user.user_id, label=client.label)
        device = await self._remember(user, client) if client.keeps_device else None
        # A change of password ends all sessions, so also one that was created with the old password at the same time.
        if await self._storage.users.get(user.user_id) != user:
            await self._storage.sessions.revoke(user.user_id, new.session.session_id)
            if device:
                await self._storage.devices.forget(account_of(user.email), device)
            raise Unauthenticated("The password was changed just now. Sign in again.")
        await self._storage.users.mark_signed_in(user.user_id)
        _log.info(
            "signed_in", user_id=str(user.user_id), session_id=str(new.session.session_id), address=client.address
        )
        return SignedIn(new=new, device=device)

    async def change_password(self, session: Session, password: str, new_password: str, *, device: str) -> User:
        """End all sessions, then change the password: if the first fails, nothing has changed.

        All devices become unknown except `device`: one of them may belong to a thief of the old password.
        """
        user, user_id = await self._confirmed(session, password), session.user_id
        password_hash = await self._hash(new_password)
        await self._storage.sessions.revoke_all(user_id)
        if not await self._storage.users.change_password(user, password_hash=password_hash):
            raise Unauthenticated("The password was changed just now. Sign in again.")
        await self._storage.sessions.revoke_all(user_id)  # those created with the old password meanwhile
        await self._storage.devices.forget_all(account_of(user.email), except_token=device)
        _log.info("password_changed")
        return user

    async def erase(self, session: Session, password: str, *, address: str) -> None:
        """Erase sessions and API keys, then rows and objects in batches. Can be repeated after an interruption."""
        user, user_id = await self._confirmed(session, password), session.user_id
        await self._storage.sessions.revoke_all(user_id)
        await self._keys.revoke_all(user_id)
        while (keys := await self._storage.users.erase_some(user_id)) is not None:
            await self._storage.objects.discard(keys)
        await self._storage.sessions.revoke_all(user_id)
        await self._storage.devices.forget_all(account_of(user.email))
        await self._quotas.forget(user_id)
        await self._throttle.forget(user.email, address=address)
        _log.info("user_erased")

    async def _remember(self, user: User, client: Client) -> str:
        return await self._storage.devices.remember(account_of(user.email), client.device)

    async def _confirmed(self, session: Session, password: str) -> User:
        user = await self._storage.users.get(session.user_id)
        if user is None:
            raise Unauthenticated("The user was deleted.")
        counts = self._throttle.counts_of_session(session.session_id)
        await self._throttle.check(counts)
        return await self._authenticate(user, password, counts)

    async def _authenticate(self, user: User | None, password: str, counts: Counts) -> User:
        """Verify the password in turn, so that the limit holds for concurrent guesses as well."""
        async with self.passwords.turn():
            await self._throttle.check(counts)
            matches = await self.passwords.verify(user.password_hash if user else None, password)
            if user is None or not matches:
                raise await self._throttle.reject(counts)
            return user

    async def _hash(self, password: str) -> str:
        async with self.passwords.turn():
            return await self.passwords.hash(password)


def _report_failure(user: User | None, client: Client, *, code: str) -> None:
    _log.warning("sign_in_failed", user_id=str(user.user_id) if user else None, address=client.address, code=code)
