"""Users, passwords and sessions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, EmailStr, Field, SecretStr

from api.schemas.base import Body, View
from storage import NewSession, Session, User


def _reject_display_name(email: object) -> object:
    if isinstance(email, str) and "<" in email:
        raise ValueError("must be an email address without a name, such as name@example.com")
    return email


class NewUserBody(Body):
    email: Annotated[EmailStr, BeforeValidator(_reject_display_name)]
    password: Annotated[SecretStr, Field(min_length=8, max_length=128, description="8 to 128 characters of any kind.")]


class NewSessionBody(Body):
    email: Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]*$")]  # PostgreSQL stores no NUL
    password: Annotated[SecretStr, Field(min_length=1, max_length=128)]
    cookie: Annotated[
        bool, Field(description="For web pages: set the token as an HttpOnly cookie instead of returning it.")
    ] = False
    remember_device: Annotated[
        bool, Field(description="Return a `device_token` as well. Web pages always get it as a cookie.")
    ] = False


class PasswordBody(Body):
    password: Annotated[SecretStr, Field(min_length=1, max_length=128, description="The current password.")]


class NewPasswordBody(PasswordBody):
    new_password: Annotated[SecretStr, Field(min_length=8, max_length=128)]


class UserView(View):
    user_id: UUID
    email: str
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserView":
        return cls(user_id=user.user_id, email=user.email, created_at=user.created_at)


class NewSessionView(View):
    token: Annotated[
        str | None,
        Field(description="Shown once. Send it as `Authorization: Bearer <token>`. Null when it was set as a cookie."),
    ]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    session_id: UUID
    expires_at: datetime
    device_token: Annotated[
        str | None,
        Field(description="Send it as `Darkroom-Device` when you sign in again; it prevents lockouts by others."),
    ] = None

    @classmethod
    def of(cls, new: NewSession, *, device: str | None = None) -> "NewSessionView":
        session = new.session
        return cls(token=new.token, session_id=session.session_id, expires_at=session.expires_at, device_token=device)

    @classmethod
    def in_cookies(cls, session: Session) -> "NewSessionView":
        return cls(token=None, session_id=session.session_id, expires_at=session.expires_at)


class SessionView(View):
    session_id: UUID
    label: Annotated[str, Field(description="User-Agent of the client that signed in.")]
    current: Annotated[bool, Field(description="Whether this request uses this session.")]
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, *, current: Session) -> "SessionView":
        return cls(
            session_id=session.session_id,
            label=session.label,
            current=session.session_id == current.session_id,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
        )


class SessionsView(View):
    items: list[SessionView]
