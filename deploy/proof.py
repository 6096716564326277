"""The proof that an image does what is promised: each step is tried on a real one, and says what it saw."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from uuid import uuid4

import httpx

from credit.errors import OctroiError
from deploy.base_image import ensure_base
from deploy.container import DATA, HARDENED, Container
from deploy.engine import Engine
from deploy.image import Image, build_image, labels_of, model_folder, push_image
from deploy.process import ROOT
from deploy.registry import listed_tags, loopback_registry
from features.encoder import Encoder
from runners.bundle import MODEL_FILE, Bundle
from runners.native import NativeScorer

LARGEST_MB = 465
READY_S = 5.0
EXACT = 1e-12
_BODY = (ROOT / "docs" / "examples" / "predict_40.json").read_bytes()
_UNWANTED = ("gcc", "cc", "g++", "make", "git", "pip", "uv", "curl")
_SAID = "set API_KEY or OCTROI_API_KEYS"
_CLIENTS = 8
_ASKED = 200

Say = Callable[[str], None]


class ProofFailed(OctroiError):
    """The image does not do what is promised."""


@dataclass(frozen=True)
class Answer:
    """What is looked at in an answer of /predict."""

    decision_id: str
    probability_default: float
    model_version: str


def require(held: bool, promise: str) -> None:
    """`ProofFailed` unless *promise* held."""
    if not held:
        raise ProofFailed(f"not so: {promise}")


@dataclass(frozen=True)
class Proof:
    """One image in one engine, and what is said of it."""

    engine: Engine
    image: Image
    reference: str
    key: str

    @property
    def settings(self) -> dict[str, str]:
        return {"API_KEY": self.key}

    @contextmanager
    def volume(self) -> Iterator[str]:
        """A named volume, gone afterwards."""
        name = f"octroi-proof-{uuid4().hex[:8]}"
        self.engine.run("volume", "create", name)
        try:
            yield name
        finally:
            self.engine.run("volume", "rm", "--force", name)

    @contextmanager
    def container(
        self, volume: str, *options: str, inner_port: int = 3000, **environment: str
    ) -> Iterator[Container]:
        """A hardened container that is ready, removed afterwards."""
        settings = {**self.settings, **environment}
        running = Container.start(
            self.engine, self.reference, volume, settings, *options, inner_port=inner_port
        )
        try:
            yield running
        finally:
            running.remove()


def prove(engine: Engine, folder: Path, say: Say) -> None:
    """Go from Bento to registry to running container; `ProofFailed` at the first promise that is not kept.

    *folder* takes the registry and the empty store; what is in it may be deleted.
    """
    say(f"base image: {ensure_base(engine)}")
    image = build_image(engine)
    say(f"image of {image.bento}: {', '.join(image.references)}")
    say(_small(engine, image))
    with loopback_registry(engine, folder / "registry") as registry:
        proof = _through_the_registry(engine, image, registry, folder, say)
    say(_refuses_without_a_key(proof))
    with proof.volume() as volume:
        say(_hardened(proof, volume))
        say(_soon_ready(proof, volume))
        say(_exact(proof, volume))
        say(_answers_while_stopping(proof, volume))
        say(_survives_a_kill(proof, volume))
    for port, workers in ((7860, 2), (10000, 1)):
        say(_elsewhere(proof, port, workers))


def _small(engine: Engine, image: Image) -> str:
    reference = image.references[0]
    size_mb = int(engine.run("image", "inspect", "--format", "{{.Size}}", reference)) / 1e6
    require(size_mb <= LARGEST_MB, f"the image has at most {LARGEST_MB} MB; it has {size_mb:.0f}")
    found = engine.run(
        *("run", "--rm", "--entrypoint=/bin/sh", reference, "-c"),
        f"for name in {' '.join(_UNWANTED)}; do command -v $name || true; done",
    )
    require(not found, f"no compiler and no installer is in the image; there is {found}")
    labels = labels_of(engine, reference)
    require(image.labels.items() <= labels.items(), f"the labels are {image.labels}; they are {labels}")
    return f"{size_mb:.0f} MB, no compiler, no installer; labelled with version, commit and model"


def _through_the_registry(engine: Engine, image: Image, registry: str, folder: Path, say: Say) -> Proof:
    digests = push_image(engine, image, registry)
    require(len(set(digests.values())) == 1, f"both tags have one digest; they have {digests}")
    tags = listed_tags(registry, "octroi")
    require(tags == set(image.tags), f"the registry lists {image.tags}; it lists {tags}")
    say(f"pushed, listed by the registry: {' '.join(sorted(tags))} {next(iter(digests.values()))}")
    identity = "{{.Id}}"
    built = engine.run("image", "inspect", "--format", identity, image.references[0])
    empty = engine.emptied(folder / "pulled")
    reference = next(iter(digests))
    require(
        empty.attempt("image", "inspect", reference).returncode != 0, "the store is empty before the pull"
    )
    empty.pull(reference)
    pulled = empty.run("image", "inspect", "--format", identity, reference)
    require(built == pulled, f"the image is the same after the pull; {built} became {pulled}")
    say(f"pulled into an empty store: the same image {pulled[:19]}")
    return Proof(empty, image, reference, key=uuid4().hex)


def _refuses_without_a_key(proof: Proof) -> str:
    done = proof.engine.attempt("run", "--rm", *HARDENED, proof.reference)
    said = f"{done.stdout}{done.stderr}"
    require(done.returncode == 1 and _SAID in said, f"without a key it ends and says why; it said {said}")
    require("Traceback" not in said, f"it says so in one sentence; it said {said}")
    return f"without a key it serves nobody: {said.strip().splitlines()[-1]}"


def _hardened(proof: Proof, volume: str) -> str:
    with proof.container(volume) as running:
        status = dict(line.split(":\t", 1) for line in running.run("cat", "/proc/1/status").splitlines())
        require(status["Uid"].split() == ["1000"] * 4, f"it is not root; it is {status['Uid']}")
        require(int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0, "it has no capability")
        require(status["NoNewPrivs"] == "1", "it cannot gain a privilege")
        require(running.inspect("{{.HostConfig.Memory}}") == str(1 << 30), "its memory is limited to 1 GiB")
        require(running.refuses("touch", "/opt/bento/written"), "its root is read-only")
        require(not running.refuses("touch", f"{DATA}/written"), "its volume is not")
        anonymous = httpx.post(f"http://127.0.0.1:{running.port}/predict", content=_BODY)
        require(anonymous.status_code == httpx.codes.UNAUTHORIZED, "who has no key is answered 401")
    return "user 1000, no capability or new privilege, 1 GiB, read-only but for its volume, 401 without a key"


def _soon_ready(proof: Proof, volume: str) -> str:
    with proof.container(volume) as running:
        ready_s = running.ready_s
    require(ready_s <= READY_S, f"it is ready in {READY_S} s; it took {ready_s:.1f}")
    return f"ready {ready_s:.1f} s after its start"


def _exact(proof: Proof, volume: str) -> str:
    bundle = Bundle.open(model_folder(proof.image))
    body = json.loads(_BODY)
    values = tuple(body.get(name) for name in bundle.schema.names)
    rows = Encoder(bundle.schema).encode([values]).rows
    native = float(NativeScorer(bundle.folder / MODEL_FILE).score(rows)[0])
    with proof.container(volume) as running:
        answer = _predict(running)
    difference = abs(answer.probability_default - native)
    require(difference <= EXACT, f"it scores as LightGBM does; the difference is {difference:.3g}")
    require(answer.model_version.endswith(proof.image.model_sha256[:12]), "it serves the labelled model")
    return f"the example scores {answer.probability_default!r}; LightGBM, outside: {native!r}"


def _answers_while_stopping(proof: Proof, volume: str) -> str:
    with proof.container(volume) as running, ThreadPoolExecutor() as threads:
        slow = threads.submit(_slow_predict, running.port, proof.key)
        time.sleep(1)
        stopping = time.monotonic()
        running.engine.run("kill", "--signal=TERM", running.id)
        answer = slow.result()
        status = running.wait()
        took_s = time.monotonic() - stopping
    require(answer.startswith("HTTP/1.1 200"), f"a request in flight is answered; it was {answer[:80]!r}")
    require(status == 0, f"it ends with 0; it was {status}")
    return f"a request that was being sent at SIGTERM was answered 200; exit 0 after {took_s:.1f} s"


def _survives_a_kill(proof: Proof, volume: str) -> str:
    with proof.container(volume) as running:
        before = running.recorded()
        with ThreadPoolExecutor(_CLIENTS) as threads:
            asking = [threads.submit(_predict_until_gone, running) for _ in range(_CLIENTS)]
            time.sleep(1.5)
            running.kill()
            answered = {answer.decision_id: answer for client in asking for answer in client.result()}
    require(len(answered) > _CLIENTS, f"many were answered before the kill; {len(answered)} were")
    with proof.container(volume) as again:
        recorded = _recorded_all(again, set(answered))
        require(again.counted() == len(recorded), "each decision is recorded once")
    lost = {identity for identity in answered if identity not in recorded}
    require(not lost, f"nothing is lost; {len(lost)} of {len(answered)} answers are")
    wrong = [i for i, answer in answered.items() if recorded[i] != answer.probability_default]
    require(not wrong, f"what is recorded was answered; {len(wrong)} differ")
    require(before.items() <= recorded.items(), "what was recorded earlier is still there")
    return f"kill -9 under load: {len(answered)} answers, all recorded once after the restart"


def _elsewhere(proof: Proof, port: int, workers: int) -> str:
    """On the port that a Hugging Face Space or Render expects, as the user that both give it."""
    settings = {"PORT": str(port), "OCTROI_WORKERS": str(workers)}
    with (
        proof.volume() as volume,
        proof.container(volume, "--user=1000", inner_port=port, **settings) as running,
    ):
        for _ in range(_ASKED):
            _predict(running)
        memory = running.engine.run("stats", "--no-stream", "--format", "{{.MemUsage}}", running.id)
        ready_s = running.ready_s
    return f"PORT={port}, {workers} workers: ready in {ready_s:.1f} s; after {_ASKED} requests {memory}"


def _predict(running: Container) -> Answer:
    answer = running.client.post("/predict", content=_BODY, headers={"content-type": "application/json"})
    require(answer.status_code == httpx.codes.OK, f"/predict answers 200; it answered {answer.text}")
    return Answer(**{field.name: answer.json()[field.name] for field in fields(Answer)})


def _predict_until_gone(running: Container) -> list[Answer]:
    answers = []
    try:
        while True:
            answers.append(_predict(running))
    except httpx.TransportError:
        return answers


def _slow_predict(port: int, key: str) -> str:
    """The answer to a request whose body takes three seconds to send."""
    head = (
        f"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {key}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(_BODY)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head + _BODY[:100])
        time.sleep(3)
        connection.sendall(_BODY[100:])
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def _recorded_all(running: Container, expected: set[str]) -> dict[str, float]:
    """What is recorded, once the archivist has caught up with *expected*."""
    deadline = time.monotonic() + 30
    while True:
        recorded = running.recorded()
        if expected <= recorded.keys() or time.monotonic() > deadline:
            return recorded
        time.sleep(0.5)
