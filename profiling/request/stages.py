"""Which part of a request a line of code belongs to."""

DECODE, ENCODE, SCORE = "read and check (decode)", "encode", "score"
JOURNAL, ANSWER = "record and sync (journal)", "answer, count and log"
BATCHER = "micro-batcher and desk"
HTTP, FRAMEWORK, REST = "HTTP (uvicorn, httptools, uvloop)", "framework (BentoML, Starlette)", "the rest"
STAGES = (DECODE, ENCODE, SCORE, JOURNAL, ANSWER, BATCHER, HTTP, FRAMEWORK, REST)

_PLACES = {
    "api/reader.py": DECODE,
    "api/body.py": DECODE,
    "api/application.py": DECODE,
    "features/encoder.py": ENCODE,
    "features/consistency.py": ENCODE,
    "runners/onnx.py": SCORE,
    "onnxruntime/": SCORE,
    "api/decided.py": ANSWER,
    "records/": JOURNAL,
    "api/answer.py": ANSWER,
    "api/aftermath.py": ANSWER,
    "api/metrics.py": ANSWER,
    "api/mishap.py": ANSWER,
    "prometheus_client/": ANSWER,
    "structlog/": ANSWER,
    "logging/": ANSWER,
    "logs.py": ANSWER,
    "credit/": ANSWER,
    "runners/batcher.py": BATCHER,
    "api/desk.py": BATCHER,
    "concurrent/futures/": BATCHER,
    "_bentoml_": FRAMEWORK,
    "bentoml/": FRAMEWORK,
    "starlette/": FRAMEWORK,
    "opentelemetry/": FRAMEWORK,
    "simple_di/": FRAMEWORK,
    "api/": FRAMEWORK,
    "uvicorn/": HTTP,
    "asyncio/": HTTP,
}
"""What stands first counts first."""


def stage_of(file: str) -> str | None:
    """The part that *file* belongs to; None when it is used by many."""
    return next((stage for place, stage in _PLACES.items() if place in file), None)


def stage_of_stack(files: list[str]) -> str:
    """The part that the innermost file with a part belongs to."""
    found = (stage_of(file) for file in reversed(files))
    return next((stage for stage in found if stage), REST)
