"""Waiting requests are answered together, each with its own answer."""

import asyncio
import threading

import numpy as np
import pytest

from credit.errors import Overloaded, Undecided
from runners.batcher import MicroBatcher
from runners.bentoml_batcher import BentoBatcher


class Recording:
    """Doubles numbers and remembers how they came; waits for *gate* before each batch."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[list[int]] = []

    def __call__(self, items: list[int]) -> list[int]:
        self.gate.wait()
        self.batches.append(items)
        return [2 * item for item in items]


def test_what_arrives_while_a_batch_runs_is_the_next_batch():
    handle = Recording()

    async def scenario() -> list[int]:
        batcher = MicroBatcher(handle, max_batch=10, max_waiting=100)
        first = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(batcher.submit(item)) for item in (2, 3, 4)]
        await asyncio.sleep(0.05)
        handle.gate.set()
        return list(await asyncio.gather(first, *others))

    assert asyncio.run(scenario()) == [2, 4, 6, 8]
    assert handle.batches == [[1], [2, 3, 4]]


def test_no_batch_is_larger_than_allowed():
    handle = Recording()
    handle.gate.set()

    async def scenario() -> list[int]:
        batcher = MicroBatcher(handle, max_batch=2, max_waiting=100)
        return list(await asyncio.gather(*(batcher.submit(item) for item in range(5))))

    assert asyncio.run(scenario()) == [0, 2, 4, 6, 8]
    assert max(map(len, handle.batches)) == 2


def test_one_too_many_is_refused_at_once_and_the_others_are_answered():
    handle = Recording()

    async def scenario() -> list[int]:
        batcher = MicroBatcher(handle, max_batch=1, max_waiting=2)
        running = asyncio.create_task(batcher.submit(0))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(batcher.submit(item)) for item in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="2 requests are waiting"):
            await batcher.submit(3)
        handle.gate.set()
        return list(await asyncio.gather(running, *waiting))

    assert asyncio.run(scenario()) == [0, 2, 4]


def test_an_error_reaches_every_request_of_its_batch_and_no_other():
    def refuse_odd(items: list[int]) -> list[int]:
        if any(item % 2 for item in items):
            raise ValueError("odd")
        return items

    async def scenario() -> tuple[list[object], int]:
        batcher = MicroBatcher(refuse_odd, max_batch=10, max_waiting=100)
        failed = await asyncio.gather(batcher.submit(1), batcher.submit(2), return_exceptions=True)
        return failed, await batcher.submit(4)

    failed, after = asyncio.run(scenario())
    assert [str(error) for error in failed] == ["odd", "odd"]
    assert after == 4


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), StopIteration()])
def test_what_ends_a_thread_or_a_loop_ends_one_batch_and_not_the_batcher(error):
    errors = [error]

    def fail_once(items: list[int]) -> list[int]:
        if errors:
            raise errors.pop()
        return items

    async def scenario() -> tuple[list[object], int]:
        batcher = MicroBatcher(fail_once, max_batch=10, max_waiting=100)
        failed = await asyncio.gather(*map(batcher.submit, (1, 2)), return_exceptions=True)
        return failed, await asyncio.wait_for(batcher.submit(3), 4)

    failed, after = asyncio.run(scenario())
    assert [str(one) for one in failed] == [f"a batch ended by {type(error).__name__}"] * 2
    assert all(one.__cause__ is error for one in failed)
    assert after == 3


def test_while_a_batch_hangs_nobody_waits_longer_than_the_patience():
    handle = Recording()

    async def scenario() -> tuple[list[object], int]:
        batcher = MicroBatcher(handle, max_batch=1, max_waiting=100, patience_s=0.1)
        hung = await asyncio.gather(*map(batcher.submit, (1, 2)), return_exceptions=True)
        handle.gate.set()
        return hung, await batcher.submit(3)

    hung, after = asyncio.run(scenario())
    assert [(type(error), str(error)) for error in hung] == [
        (Undecided, "no decision within 0.1 s: try again later")
    ] * 2
    assert after == 6
    assert handle.batches == [[1], [3]]


def test_a_client_that_hung_up_costs_nobody_else_the_answer():
    handle = Recording()

    async def scenario() -> int:
        batcher = MicroBatcher(handle, max_batch=10, max_waiting=100)
        gone = asyncio.create_task(batcher.submit(1))
        stays = asyncio.create_task(batcher.submit(2))
        await asyncio.sleep(0.05)
        gone.cancel()
        handle.gate.set()
        return await stays

    assert asyncio.run(scenario()) == 4


def test_a_batch_whose_clients_all_hung_up_is_not_handled_and_the_next_one_is():
    handle = Recording()
    handle.gate.set()

    async def scenario() -> int:
        batcher = MicroBatcher(handle, max_batch=10, max_waiting=100)
        gone = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0.05)
        return await batcher.submit(2)

    assert asyncio.run(scenario()) == 4
    assert handle.batches == [[2]]


def test_too_few_answers_are_nobodys_answer():
    async def scenario() -> list[object]:
        batcher = MicroBatcher(lambda items: items[1:], max_batch=10, max_waiting=100)
        return await asyncio.gather(*map(batcher.submit, (1, 2)), return_exceptions=True)

    assert [str(error) for error in asyncio.run(scenario())] == ["1 answers to 2 requests"] * 2


def test_who_closes_waits_for_the_batch_that_runs_and_takes_no_other():
    handle = Recording()

    async def scenario() -> int:
        batcher = MicroBatcher(handle, max_batch=10, max_waiting=100)
        running = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0.05)
        threading.Timer(0.1, handle.gate.set).start()
        batcher.close()
        assert handle.batches == [[1]]
        with pytest.raises(Overloaded):
            await batcher.submit(2)
        return await running

    assert asyncio.run(scenario()) == 2


def test_what_still_waits_when_the_batcher_is_closed_is_told_at_once():
    handle = Recording()

    async def scenario() -> list[object]:
        batcher = MicroBatcher(handle, max_batch=2, max_waiting=100)
        running = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0.05)
        behind = [asyncio.create_task(batcher.submit(item)) for item in (2, 3, 4)]
        await asyncio.sleep(0)
        threading.Timer(0.1, handle.gate.set).start()
        batcher.close()
        return list(await asyncio.gather(running, *behind, return_exceptions=True))

    answer, *refused = asyncio.run(asyncio.wait_for(scenario(), 4))
    assert answer == 2
    assert [type(one) for one in refused] == [Overloaded] * 3
    assert handle.batches == [[1]]


class Sum:
    """Scores a row by its sum."""

    def score(self, rows):
        return rows.sum(axis=1)


def test_bentomls_dispatcher_gives_each_request_its_own_rows_back():
    rng = np.random.default_rng(0)
    requests = [rng.normal(size=(size, 3)) for size in (1, 7, 40, 2)]

    async def scenario() -> list[np.ndarray]:
        batcher = BentoBatcher(Sum(), max_batch=16)
        found = list(await asyncio.gather(*map(batcher.score, requests)))
        batcher.close()
        return found

    for rows, found in zip(requests, asyncio.run(scenario()), strict=True):
        np.testing.assert_array_equal(found, rows.sum(axis=1))
