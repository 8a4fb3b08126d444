"""Argon2id with at least OWASP's parameters, off the loop."""

import asyncio

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from api.accounts.passwords import open_passwords
from core.errors import TooManyRequests
from core.sharing.callers import work_for


async def test_a_hash_is_strong_and_verifies() -> None:
    """Holds promise 22."""
    with open_passwords() as passwords:
        password_hash = await passwords.hash("correct horse")
        parameters = extract_parameters(password_hash)
        assert parameters.type is Type.ID
        assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
        assert await passwords.verify(password_hash, "correct horse")
        assert not await passwords.verify(password_hash, "wrong horse")
        assert not await passwords.verify(None, "nobody's password")
        assert not await passwords.verify("no hash at all", "correct horse")


async def test_the_loop_turns_while_hashes_are_made() -> None:
    with open_passwords() as passwords:
        hashing = asyncio.gather(*(passwords.hash("correct horse") for _ in range(8)))
        turns = 0
        while not hashing.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert len(set(await hashing)) == 8
        assert turns > 1, "the loop stood still until the last one was made"


async def test_one_callers_sign_ins_leave_turns_for_others() -> None:
    """Holds promise 30."""
    finish = asyncio.Semaphore(0)
    began: list[str] = []

    async def sign_in(caller: str) -> None:
        work_for(caller)
        async with passwords.turn():
            began.append(caller)
            await finish.acquire()

    with open_passwords() as passwords:
        greedy = [asyncio.create_task(sign_in("greedy")) for _ in range(60)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests):
            await asyncio.create_task(sign_in("greedy"))
        other = asyncio.create_task(sign_in("other"))
        await asyncio.sleep(0)
        for _ in range(2):
            finish.release()
        for _ in range(10):
            await asyncio.sleep(0)
        assert "other" in began
        for _ in range(70):
            finish.release()
        await asyncio.gather(*greedy, other)
