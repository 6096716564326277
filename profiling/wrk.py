"""Load by wrk, which costs the machine little beside the server."""

import json
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from credit.errors import OctroiError
from profiling.load import Load
from profiling.running import Server

_SCRIPT = """
local bodies = {{{bodies}}}
local headers = {{["Content-Type"] = "application/json"{key}}}
local made = {{}}
local turn = 0

function init()
  for i, body in ipairs(bodies) do
    made[i] = wrk.format("POST", "/predict", headers, body)
  end
end

function request()
  turn = turn % #made + 1
  return made[turn]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\\nsummary {{"requests": %d, "us": %d, "refused": %d, "failed": %d, "p50": %f, "p99": %f}}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50.0), latency:percentile(99.0)))
end
"""
_KEEP = """
local kept = assert(io.open([==[{path}]==], "a"))

function response(status, headers, body)
  if status == 200 then
    kept:write(body, "\\n")
  end
end
"""
"""Only where answers are kept: with a function `response`, wrk is slower."""


class WrkFailed(OctroiError):
    """A run of wrk that gave no numbers."""


def is_installed() -> bool:
    """Whether this machine has wrk: in Debian, `apt-get install wrk`."""
    return shutil.which("wrk") is not None


def load_by_wrk(
    server: Server,
    bodies: Sequence[bytes],
    connections: int,
    seconds: int,
    kept: Path | None = None,
) -> Load:
    """*connections* clients that send *bodies* in turn for *seconds*, each as soon as it has its answer.

    *kept*: file to which each body answered with 200 is added, one in a line; without it no answer is read.
    """
    with tempfile.TemporaryDirectory(prefix="octroi-wrk-") as scratch:
        script = Path(scratch) / "bodies.lua"
        script.write_text(_script(server, bodies, kept), encoding="utf-8")
        before = _children_seconds()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # all ours
        spent = _children_seconds() - before
    summary = [line for line in done.stdout.splitlines() if line.startswith("summary ")]
    if not summary:
        raise WrkFailed(f"wrk gave no numbers: {(done.stderr or done.stdout).strip()[:300]}")
    told = json.loads(summary[0].removeprefix("summary "))
    return Load(
        connections=connections,
        seconds=told["us"] / 1e6,
        answered=told["requests"] - told["refused"],
        refused=told["refused"],
        failed=told["failed"],
        p50_ms=told["p50"] / 1e3,
        p99_ms=told["p99"] / 1e3,
        client_cpu_seconds=spent,
    )


def _script(server: Server, bodies: Sequence[bytes], kept: Path | None) -> str:
    quoted = ",\n".join(f"[==[{body.decode()}]==]" for body in bodies)
    key = f', ["x-api-key"] = "{server.key}"' if server.key else ""
    return _SCRIPT.format(bodies=quoted, key=key) + (_KEEP.format(path=kept.absolute()) if kept else "")


def _children_seconds() -> float:
    """Processor time of this process's children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
