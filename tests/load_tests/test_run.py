"""`python -m load_tests run` loads a real service by Locust and holds its records against its answers."""

import json

import pytest
from click.testing import CliRunner

from load_tests.__main__ import door

pytestmark = pytest.mark.usefixtures("unmeasured_children")


def test_every_answer_is_checked_and_recorded(made, tmp_path):
    arguments = ["run", "--profile", "smoke", "--minutes", "0.05", "--clients", "20", "--out", str(tmp_path)]
    done = CliRunner().invoke(door, arguments, env={"OCTROI_MODEL": str(made.bundle)})

    told = json.loads((tmp_path / "smoke" / "report.json").read_text())
    answers, records = told["checks"][:2]
    assert answers["holds"], done.output
    assert records["holds"], done.output
    kinds = {row[0]: int(row[1]) for row in told["tables"][0]["rows"]}
    assert set(kinds) >= {"single", "lookup", "batch"}
    assert answers["measured"] == f"0 of {sum(kinds.values())}"
    # A batch is twenty decisions, or the three that are left over; a refusal is none.
    alone = kinds["single"] + kinds["lookup"]
    assert int(records["measured"].partition(" ")[0]) >= alone + 3 * kinds["batch"]
    processes = [row[0].partition(" ")[0] for row in told["tables"][1]["rows"]]
    # Two workers may each start an archivist; on a busy machine the one too many is seen before it ends.
    assert sorted(set(processes)) == ["archivist", "starter", "worker"]
    assert [processes.count(one) for one in ("starter", "worker")] == [1, 2]
    # How fast it was says how busy this machine is; that the exit status tells it is the promise.
    assert done.exit_code == (0 if told["holds"] else 1)
    page = (tmp_path / "smoke" / "report.html").read_text()
    assert ("Everything held." in page) == told["holds"]
    assert "<title>Locust" in (tmp_path / "smoke" / "locust.html").read_text()
