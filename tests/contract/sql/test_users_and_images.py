"""Users and images, which only their owner sees."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from core.errors import EmailTaken, Unauthenticated
from core.ids import uuid7
from core.tasks import Task
from storage.sql.accounts.users import UserRepository
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import Owner, new_image


async def test_a_user_is_found_by_address_in_any_case_and_by_id(users: UserRepository) -> None:
    user = await users.create(" Anna@Example.COM", password_hash="hash")
    assert user.email == "anna@example.com"
    assert await users.by_email("ANNA@example.com ") == user
    assert await users.get(user.user_id) == user
    assert await users.by_email("bob@example.com") is None
    assert await users.get(uuid7()) is None
    assert "hash" not in repr(user)


async def test_an_address_is_taken_once(users: UserRepository) -> None:
    outcomes = await asyncio.gather(
        *(users.create("Anna@example.com", password_hash="hash") for _ in range(10)), return_exceptions=True
    )
    rejected = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(rejected) == 9
    assert {type(outcome) for outcome in rejected} == {EmailTaken}


async def test_images_are_listed_newest_first(images: ImageRepository, owner: Owner) -> None:
    made = [(await images.create(owner.owner_id, new_image())).image_id for _ in range(4)]
    first = await images.list(owner.owner_id, limit=3)
    second = await images.list(owner.owner_id, limit=3, before=first[-1].image_id)
    assert [image.image_id for image in first + second] == made[::-1]


async def test_nobody_elses_image_can_be_seen_or_deleted(
    images: ImageRepository, owner: Owner, other_user_id: UUID
) -> None:
    image = await images.create(owner.owner_id, new_image())
    assert await images.get(image.image_id, owner_id=other_user_id) is None
    assert await images.list(other_user_id, limit=10) == []
    assert await images.delete(image.image_id, owner_id=other_user_id) is None
    assert await images.get(image.image_id, owner_id=owner.owner_id) == image


async def test_an_image_is_deleted_once(images: ImageRepository, owner: Owner) -> None:
    image = await images.create(owner.owner_id, new_image())
    assert await images.delete(image.image_id, owner_id=owner.owner_id) == [image.key]
    assert await images.delete(image.image_id, owner_id=owner.owner_id) is None


async def test_fifty_uploads_with_one_key_make_one_image(images: ImageRepository, owner: Owner) -> None:
    new = [replace(new_image(), idempotency_key="once") for _ in range(50)]
    made = await asyncio.gather(*(images.create(owner.owner_id, each) for each in new))
    assert len({image.image_id for image in made}) == 1
    assert len(await images.list(owner.owner_id, limit=100)) == 1


async def test_a_key_of_an_image_is_valid_for_one_owner_and_as_long_as_the_row(
    images: ImageRepository, owner: Owner, other_user_id: UUID
) -> None:
    first = await images.create(owner.owner_id, replace(new_image(), idempotency_key="once"))
    theirs = await images.create(other_user_id, replace(new_image(), idempotency_key="once"))
    assert theirs.image_id != first.image_id
    assert await images.by_idempotency_key("once", owner_id=owner.owner_id) == first
    await images.delete(first.image_id, owner_id=owner.owner_id)
    again = await images.create(owner.owner_id, replace(new_image(), idempotency_key="once"))
    assert again.image_id != first.image_id


async def test_known_ids(images: ImageRepository, owner: Owner) -> None:
    image = await images.create(owner.owner_id, new_image())
    assert await images.known_ids({image.image_id, uuid7()}) == {image.image_id}


class TestErasure:
    async def test_nothing_of_a_user_is_left(
        self, users: UserRepository, images: ImageRepository, tasks: TaskRepository, owner: Owner, other_user_id: UUID
    ) -> None:
        others = await images.create(other_user_id, new_image())
        made = [await bring() for bring in owner.states().values()]
        alone = await images.create(owner.owner_id, new_image())
        keys: list[str] = []
        while (some := await users.erase_some(owner.owner_id, limit=2)) is not None:
            assert some
            keys += some
        assert {task.source_key for task in made} | {alone.key} <= set(keys)
        assert await users.get(owner.owner_id) is None
        assert await tasks.find({task.task_id for task in made}) == []
        assert await images.get(others.image_id, owner_id=other_user_id)
        assert others.key not in keys

    async def test_who_is_gone_submits_nothing_any_more(
        self, users: UserRepository, images: ImageRepository, owner: Owner
    ) -> None:
        assert await users.erase_some(owner.owner_id) is None
        with pytest.raises(Unauthenticated):
            await images.create(owner.owner_id, new_image())
        with pytest.raises(Unauthenticated):
            await owner.task()

    async def test_submitting_while_being_erased(self, users: UserRepository, owner: Owner) -> None:
        """Each order is either erased or rejected."""

        async def erase() -> None:
            while await users.erase_some(owner.owner_id, limit=3) is not None:
                pass

        outcomes = await asyncio.gather(erase(), *(owner.task() for _ in range(15)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), Task, Unauthenticated}
        assert await owner.tasks.list(owner_id=owner.owner_id, limit=100) == []


async def test_a_new_password_replaces_the_old_one_once(users: UserRepository) -> None:
    user = await users.create("me@example.com", password_hash="old")
    assert await users.change_password(user, password_hash="new")
    assert not await users.change_password(user, password_hash="newer")
    changed = await users.get(user.user_id)
    assert changed
    assert changed.password_hash == "new"
