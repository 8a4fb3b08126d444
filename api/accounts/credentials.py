"""What a new account needs, for the API and for the command that adds accounts."""

from typing import Annotated

from pydantic import BeforeValidator, EmailStr, Field, SecretStr


def _reject_display_name(email: object) -> object:
    if isinstance(email, str) and "<" in email:
        raise ValueError("must be an email address without a name, such as name@example.com")
    return email


NewEmail = Annotated[
    EmailStr, BeforeValidator(_reject_display_name), Field(description="Email address to sign in with.")
]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=128, description="8 to 128 characters of any kind.")]
