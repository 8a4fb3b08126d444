"""Who makes a request: a user, by the token of a session or by an API key."""

from dataclasses import dataclass, field
from uuid import UUID

from api.keys.service import ApiKeys, is_api_key
from core.errors import InsufficientScope, SessionRequired, Unauthenticated
from core.telemetry import AUTHENTICATIONS
from storage import ApiKey, Scope, Session, SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    user_id: UUID
    credential: Session | ApiKey
    token: str = field(repr=False)


class Authenticator:
    def __init__(self, sessions: SessionStore, keys: ApiKeys) -> None:
        self._sessions = sessions
        self._keys = keys

    async def session(self, token: str) -> Session:
        """Raises Unauthenticated, and SessionRequired for an API key, whether it is valid or not."""
        if is_api_key(token):
            raise SessionRequired("An API key is not valid here. Sign in with POST /v1/sessions and send its token.")
        session = await self._sessions.authenticate(token)
        if session is None:
            raise Unauthenticated("The session token is invalid, expired or revoked. Sign in again.")
        AUTHENTICATIONS.labels("session").inc()
        return session

    async def principal(self, token: str, scope: Scope) -> Principal:
        """Accept a session, or a key with this scope. Raises Unauthenticated, InsufficientScope or TooManyRequests."""
        if not is_api_key(token):
            session = await self.session(token)
            return Principal(user_id=session.user_id, credential=session, token=token)
        key = await self._keys.authenticate(token)
        if key is None:
            raise Unauthenticated("The API key is invalid, expired or revoked. Create one with POST /v1/api-keys.")
        if scope not in key.scopes:
            given = ", ".join(sorted(key.scopes))
            raise InsufficientScope(f"This request needs an API key with the scope '{scope}'; this one has: {given}.")
        AUTHENTICATIONS.labels("api_key").inc()
        return Principal(user_id=key.owner_id, credential=key, token=token)

    async def is_open(self, principal: Principal) -> bool:
        """Return whether session or key is still valid, without extending or counting it."""
        if isinstance(principal.credential, Session):
            return await self._sessions.is_open(principal.credential)
        return await self._keys.is_valid(principal.token)
