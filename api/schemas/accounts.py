"""Users, passwords and sessions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from api.accounts.credentials import NewEmail, NewPassword
from api.schemas.base import Body, View
from storage import NewSession, Session, User


class NewUserBody(Body):
    email: NewEmail
    password: NewPassword


class NewSessionBody(Body):
    email: Annotated[
        str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]*$", description="Email address of the account.")
    ]  # PostgreSQL stores no NUL
    password: Annotated[SecretStr, Field(min_length=1, max_length=128, description="Its password.")]
    cookie: Annotated[
        bool, Field(description="For web pages: set the token as an HttpOnly cookie instead of returning it.")
    ] = False
    remember_device: Annotated[
        bool, Field(description="Return a `device_token` as well. Web pages always get it as a cookie.")
    ] = False


class PasswordBody(Body):
    password: Annotated[SecretStr, Field(min_length=1, max_length=128, description="The current password.")]


class NewPasswordBody(PasswordBody):
    new_password: NewPassword


class UserView(View):
    user_id: Annotated[UUID, Field(description="Id of the account.")]
    email: Annotated[str, Field(description="Email address, in lower case.")]
    created_at: Annotated[datetime, Field(description="When it was registered.")]

    @classmethod
    def of(cls, user: User) -> "UserView":
        return cls(user_id=user.user_id, email=user.email, created_at=user.created_at)


class NewSessionView(View):
    token: Annotated[
        str | None,
        Field(description="Shown once. Send it as `Authorization: Bearer <token>`. Null when it was set as a cookie."),
    ]
    token_type: Annotated[Literal["Bearer"], Field(description="The authentication scheme.")] = "Bearer"  # noqa: S105 - a scheme
    session_id: Annotated[UUID, Field(description="Id of the session, which is not its token.")]
    expires_at: Annotated[datetime, Field(description="When it ends without further use.")]
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
    session_id: Annotated[UUID, Field(description="Id of the session.")]
    label: Annotated[str, Field(description="User-Agent of the client that signed in.")]
    current: Annotated[bool, Field(description="Whether this request uses this session.")]
    created_at: Annotated[datetime, Field(description="When the user signed in.")]
    last_used_at: Annotated[datetime, Field(description="The last request, to a hundredth of the idle time.")]
    expires_at: Annotated[datetime, Field(description="When it ends without further use.")]

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
    items: Annotated[list[SessionView], Field(description="Every session of the user, the oldest first.")]
