"""Load by wrk, which costs the machine little beside the server."""

import json
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from credit.errors import OctroiError
from profiling.load import Load
from profiling.running import Server
from runners.certificate import MAX_DIFFERENCE

_SCRIPT = """
local bodies = {{{bodies}}}
local headers = {{["Content-Type"] = "application/json"{key}}}
local made = {{}}
local turn = 0
local threads = {{}}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

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
  local not_right = 0
  for _, thread in ipairs(threads) do
    not_right = not_right + thread:get("wrong")
  end
  io.write(string.format(
    '\\nsummary {{"requests": %d, "us": %d, "refused": %d, "failed": %d, "wrong": %d, ' ..
    '"p50": %f, "p99": %f}}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout, not_right,
    latency:percentile(50.0), latency:percentile(99.0)))
end
"""
_CHECK = r"""
local value

-- Where what begins at a place of a text ends, if it is JSON there; nil if not. Members of an object go into
-- *members*, by name, as they are written.

local function quoted(text, at)
  at = text:match('^%s*"()', at)
  while at do
    local mark, after = text:match('^[^"\\%z\1-\31]*(["\\])()', at)
    if mark ~= "\\" then return after end
    at = text:match('^["\\/bfnrt]()', after) or text:match("^u%x%x%x%x()", after)
  end
end

local function number(text, at)
  local whole, after = text:match("^%s*%-?(%d+)()", at)
  if not whole or whole:find("^0%d") then return nil end
  after = text:match("^%.%d+()", after) or after
  return text:match("^[eE][+-]?%d+()", after) or after
end

local function member(text, at, members)
  local after = quoted(text, at)
  local from = after and text:match("^%s*:()", after)
  local to = from and value(text, from)
  if to then members[text:sub(at, after - 1):match('"(.*)"')] = text:sub(from, to - 1) end
  return to
end

local function several(text, at, item, closing, members)
  local after = text:match(closing, at)
  while not after do
    at = item(text, at, members)
    if not at then return nil end
    after = text:match(closing, at)
    at = text:match("^%s*,()", at)
    if not (after or at) then return nil end
  end
  return after
end

local function object(text, at, members)
  at = text:match("^%s*{()", at)
  return at and several(text, at, member, "^%s*}()", members)
end

local function list(text, at)
  at = text:match("^%s*%[()", at)
  return at and several(text, at, value, "^%s*%]()")
end

function value(text, at)
  return quoted(text, at) or number(text, at) or object(text, at, {}) or list(text, at)
    or text:match("^%s*null()", at) or text:match("^%s*true()", at) or text:match("^%s*false()", at)
end

local function is_right(body)
  local told = {}
  local after = object(body, 1, told)
  if not after or body:find("%S", after) then return false end
  local wanted = expected[tonumber(told.sk_id_curr or "")]
  local found = tonumber(told.probability_default or "")
  -- What is no number is near to nothing.
  return wanted ~= nil and found ~= nil and math.abs(found - wanted) <= most_apart
end

function response(status, headers, body)
  if status < 400 and not (status == 200 and is_right(body)) then
    wrong = wrong + 1
  end
end
"""
"""Only where answers are checked: with a function `response`, wrk is slower."""


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
    expected: Mapping[int, float] | None = None,
) -> Load:
    """*connections* clients that send *bodies* in turn for *seconds*, each as soon as it has its answer.

    *expected*: the probability that each client must be answered, by number; without it no answer is read.
    """
    with tempfile.TemporaryDirectory(prefix="octroi-wrk-") as scratch:
        script = Path(scratch) / "bodies.lua"
        script.write_text(_script(server, bodies, expected), encoding="utf-8")
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
        wrong=told["wrong"],
    )


def _script(server: Server, bodies: Sequence[bytes], expected: Mapping[int, float] | None) -> str:
    quoted = ",\n".join(f"[==[{body.decode()}]==]" for body in bodies)
    key = f', ["x-api-key"] = "{server.key}"' if server.key else ""
    script = _SCRIPT.format(bodies=quoted, key=key)
    if expected is None:
        return script
    known = ", ".join(f"[{number}] = {float(probability)!r}" for number, probability in expected.items())
    return f"{script}\nlocal most_apart = {MAX_DIFFERENCE!r}\nlocal expected = {{{known}}}\n{_CHECK}"


def _children_seconds() -> float:
    """Processor time of this process's children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
