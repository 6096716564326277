"""Locust's users: each asks questions of its kind, one after another, and checks every answer.

Runs in the virtual environment of `make setup-load`, which holds Locust and nothing of the project's.
"""

import os
import random
import time
from argparse import Namespace
from pathlib import Path
from typing import TextIO

import gevent
from locust import FastHttpUser, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import Runner, WorkerRunner

from load_tests.question import Question, WrongAnswer, decisions_in, read_questions


class Asked:
    """What the command line said, and where this process writes what was answered."""

    def __init__(self, options: Namespace) -> None:
        self.questions: dict[str, list[Question]] = read_questions(Path(options.questions))
        self._folder = Path(options.answers)
        self._file: TextIO | None = None

    def question(self, kind: str) -> Question:
        return random.choice(self.questions[kind])  # noqa: S311  # no secret hangs on it

    def note(self, decisions: list[tuple[str, float]]) -> None:
        """Write down what was answered, at once: the process may be stopped at any moment."""
        if self._file is None:
            # A file for each process: Locust forks after it has read this.
            self._file = (self._folder / f"{os.getpid()}.answers").open("w", buffering=1, encoding="utf-8")
        self._file.writelines(f"{name} {probability!r}\n" for name, probability in decisions)


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """What a run is told beside what Locust knows."""
    parser.add_argument("--questions", required=True, help="File of questions, as load_tests run makes it.")
    parser.add_argument("--answers", required=True, help="Folder for what was answered.")
    parser.add_argument("--each", type=float, required=True, help="Requests a second of each user.")


@events.init.add_listener
def read_options(environment: Environment, runner: Runner, **_: object) -> None:
    """Read the questions once for all users of this process."""
    if isinstance(runner, WorkerRunner):
        # Else every process would write its own counts over those of all.
        environment.parsed_options.json_file = environment.parsed_options.html_file = None
    environment.asked = Asked(environment.parsed_options)


class Client(FastHttpUser):
    """Asks at a fixed rate; who was late, because an answer was, catches up."""

    abstract = True
    network_timeout = connection_timeout = 30.0

    def on_start(self) -> None:
        """Begin at a moment of its own, so that clients do not ask all at once."""
        self._pause_s = 1 / self.environment.parsed_options.each
        self._due = time.perf_counter() + random.random() * self._pause_s  # noqa: S311  # no secret either
        gevent.sleep(self._due - time.perf_counter())

    def wait_time(self) -> float:
        """Seconds until the next request is due."""
        self._due += self._pause_s
        left: float = self._due - time.perf_counter()
        return max(0.0, left)

    def ask(self, kind: str) -> None:
        """Send a question of this *kind*; a wrong answer is a failure."""
        asked: Asked = self.environment.asked
        question = asked.question(kind)
        headers = {"content-type": "application/json"}
        with self.client.post(
            question.path, data=question.body.encode(), headers=headers, name=kind, catch_response=True
        ) as response:
            body = response.content or b""
            # Whatever else it raised would be counted nowhere.
            try:
                asked.note(decisions_in(response.status_code, body))
                question.check(response.status_code, body)
            except WrongAnswer as wrong:
                response.failure(str(wrong))
            else:
                response.success()


class Single(Client):
    """Sends one applicant at a time."""

    @task
    def predict(self) -> None:
        self.ask("single")


class Lookup(Client):
    """Sends the number of a client who is known."""

    @task
    def predict(self) -> None:
        self.ask("lookup")


class Batch(Client):
    """Sends several applicants at a time."""

    @task
    def predict(self) -> None:
        self.ask("batch")


class Mixed(Client):
    """Does all of it; one request in a hundred must be refused."""

    @task(60)
    def single(self) -> None:
        self.ask("single")

    @task(29)
    def lookup(self) -> None:
        self.ask("lookup")

    @task(10)
    def batch(self) -> None:
        self.ask("batch")

    @task(1)
    def bad(self) -> None:
        self.ask("bad")
