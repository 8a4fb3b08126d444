"""Sessions in Redis, by the SHA-256 of their tokens. If Redis loses them, everybody signs in again."""

import builtins
import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from redis.asyncio import Redis

from core.ids import uuid7
from storage.redis.client import bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    session_id: UUID
    user_id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime  # the nearer of the idle and the absolute expiry
    label: str
    digest: str = field(default="", repr=False)  # of its token, by which it is stored


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session with its token, which is not stored."""

    token: str = field(repr=False)
    session: Session


_JSON = TypeAdapter(Session)
_MAX_SESSIONS = 100
_KEPT_SHARE = 0.01  # of the idle time, within which a session that was used is not written again


class SessionStore:
    """Two kinds of keys: `session:<digest of the token>` is a session, `sessions:<user_id>` lists those of a user."""

    def __init__(self, redis: Redis, *, prefix: str, idle_seconds: int, absolute_seconds: int) -> None:
        self._redis = redis
        self._prefix = prefix
        self._idle = timedelta(seconds=idle_seconds)
        self._absolute = timedelta(seconds=absolute_seconds)

    async def create(self, user_id: UUID, *, label: str) -> NewSession:
        token, at = secrets.token_urlsafe(32), datetime.now(UTC)
        digest, index = _digest(token), self._index(user_id)
        expires_at = at + min(self._idle, self._absolute)
        session = Session(
            session_id=uuid7(),
            user_id=user_id,
            created_at=at,
            last_used_at=at,
            expires_at=expires_at,
            label=label,
            digest=digest,
        )
        async with bounded("create"), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(self._key(digest), _JSON.dump_json(session), px=_milliseconds(expires_at - at))
            pipeline.zremrangebyscore(index, "-inf", at.timestamp())
            pipeline.zadd(index, {f"{session.session_id} {digest}": (at + self._absolute).timestamp()})
            pipeline.pexpire(index, _milliseconds(self._absolute))
            await pipeline.execute()
        await self._revoke_oldest(user_id)
        return NewSession(token, session)

    async def authenticate(self, token: str) -> Session | None:
        """Return the session and postpone its idle expiry; None for a token that is unknown, revoked or expired.

        It is not postponed again within a hundredth of the idle time, so most requests only read.
        """
        digest = _digest(token)
        async with bounded("authenticate"):
            session = _decode(await self._redis.get(self._key(digest)))
            at = datetime.now(UTC)
            if session is None or session.created_at + self._absolute <= at:
                return None
            session = replace(session, digest=digest)
            was_used = session.last_used_at > session.created_at
            if was_used and at - session.last_used_at < self._idle * _KEPT_SHARE:
                return session
            return await self._use(session, at)

    async def _use(self, session: Session, at: datetime) -> Session | None:
        expires_at = min(at + self._idle, session.created_at + self._absolute)
        session = replace(session, last_used_at=at, expires_at=expires_at)
        # Only if the key exists: a session that was revoked meanwhile does not come back.
        kept = await self._redis.set(
            self._key(session.digest), _JSON.dump_json(session), px=_milliseconds(expires_at - at), xx=True
        )
        return session if kept else None

    async def is_open(self, session: Session) -> bool:
        """Return whether a session that was authenticated is still valid, without postponing its expiry."""
        async with bounded("look"):
            return bool(await self._redis.exists(self._key(session.digest)))

    async def list(self, user_id: UUID) -> builtins.list[Session]:
        """Return the sessions of a user, oldest first."""
        async with bounded("list"):
            digests = await self._digests(user_id)
            found = await self._redis.mget([self._key(digest) for digest in digests.values()]) if digests else []
        sessions = [session for session in map(_decode, found) if session]
        return sorted(sessions, key=lambda session: session.session_id)

    async def revoke(self, user_id: UUID, session_id: UUID) -> bool:
        """Return False if the user has no such session."""
        return await self._revoke(user_id, only=session_id) > 0

    async def revoke_all(self, user_id: UUID) -> int:
        """Return the number of sessions revoked."""
        return await self._revoke(user_id, only=None)

    async def check(self) -> None:
        async with bounded("ping"):
            await self._redis.ping()

    async def _revoke(self, user_id: UUID, *, only: UUID | None) -> int:
        async with bounded("revoke"):
            chosen = {sid: digest for sid, digest in (await self._digests(user_id)).items() if only in {None, sid}}
            if not chosen:
                return 0
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.delete(*(self._key(digest) for digest in chosen.values()))
                pipeline.zrem(self._index(user_id), *(f"{sid} {digest}" for sid, digest in chosen.items()))
                deleted, _ = await pipeline.execute()
        return int(deleted)

    async def _revoke_oldest(self, user_id: UUID) -> None:
        """Keep _MAX_SESSIONS of a user: what a sign-out everywhere or a list costs grows with their number."""
        async with bounded("create"):
            oldest: Any = await self._redis.zrange(self._index(user_id), 0, -_MAX_SESSIONS - 1)
            if not oldest:
                return
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.delete(*(self._key(member.decode().partition(" ")[2]) for member in oldest))
                pipeline.zrem(self._index(user_id), *oldest)
                await pipeline.execute()

    async def _digests(self, user_id: UUID) -> dict[UUID, str]:
        members: Any = await self._redis.zrange(self._index(user_id), 0, -1)
        pairs = (member.decode().split(" ") for member in members)
        return {UUID(session_id): digest for session_id, digest in pairs}

    def _key(self, digest: str) -> str:
        return f"{self._prefix}session:{digest}"

    def _index(self, user_id: UUID) -> str:
        return f"{self._prefix}sessions:{user_id}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _decode(value: bytes | str | None) -> Session | None:
    return _JSON.validate_json(value) if value else None


def _milliseconds(duration: timedelta) -> int:
    return max(1, duration // timedelta(milliseconds=1))
