"""Accounts: registration, password, erasure."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.accounts.login_throttle import address_of
from api.dependencies import CurrentSession, OpenResources, OpenStorage
from api.errors import error_responses
from api.openapi import json_body
from api.quotas import BUSY
from api.schemas import NewPasswordBody, NewUserBody, PasswordBody, UserView
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors

router = APIRouter(prefix="/v1/users", tags=["users"])
_CONFIRMED = error_responses(errors.Unauthenticated, errors.InvalidCredentials, *BUSY, *JSON_BODY_ERRORS)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Register",
    openapi_extra=json_body(NewUserBody),
    responses=error_responses(errors.RegistrationClosed, errors.EmailTaken, *BUSY, *JSON_BODY_ERRORS),
)
async def register(request: Request, resources: OpenResources) -> UserView:
    if not resources.registration_open:
        raise errors.RegistrationClosed("Registration is closed. Ask the operator for an account.")
    address = address_of(request)
    await resources.accounts.registrations.check(address)
    body = await read_json(request, NewUserBody)
    password = body.password.get_secret_value()
    return UserView.of(await resources.accounts.register(body.email, password, address=address))


@router.get("/me", summary="Get my account", responses=error_responses(errors.Unauthenticated))
async def get_me(session: CurrentSession, storage: OpenStorage) -> UserView:
    user = await storage.users.get(session.user_id)
    if user is None:
        raise errors.Unauthenticated("The account was deleted. Sign in with another one.")
    return UserView.of(user)


@router.post(
    "/me/password",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Change the password and end all sessions",
    openapi_extra=json_body(NewPasswordBody),
    responses=_CONFIRMED,
)
async def change_password(
    request: Request, response: Response, session: CurrentSession, resources: OpenResources
) -> None:
    """End all sessions, that of this request included. Sign in again with the new password."""
    body = await read_json(request, NewPasswordBody)
    password, new_password = body.password.get_secret_value(), body.new_password.get_secret_value()
    device = resources.cookies.device_of(request)
    await resources.accounts.change_password(session, password, new_password, device=device)
    resources.cookies.clear(response)


@router.post(
    "/me/erasure",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Erase the account and all its data",
    openapi_extra=json_body(PasswordBody),
    responses=_CONFIRMED,
)
async def erase_me(request: Request, response: Response, session: CurrentSession, resources: OpenResources) -> None:
    body = await read_json(request, PasswordBody)
    await resources.accounts.erase(session, body.password.get_secret_value(), address=address_of(request))
    resources.cookies.clear(response)
    resources.cookies.clear_device(response)
