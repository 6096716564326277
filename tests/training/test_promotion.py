"""The champion is the version that was promoted last, and a rollback brings back the one before."""

import shutil

import pytest
from click.testing import CliRunner

from credit.errors import InvalidModel
from runners.mlflow_store import MlflowStore
from training.__main__ import door
from training.promotion import promote, roll_back
from training.registry import CHALLENGER, CHAMPION, Registry

NAME = "octroi-credit"


@pytest.fixture(scope="module")
def three_versions(tmp_path_factory):
    """A folder whose MLflow database has three versions, the last of them the challenger."""
    folder = tmp_path_factory.mktemp("registry")
    client = MlflowStore(f"sqlite:///{folder / 'mlflow.db'}", folder, create=True).client
    client.create_registered_model(NAME)
    for number in (1, 2, 3):
        tags = {"model_version": f"{NAME}:{number:012x}", "auc": f"0.7{number}", "cost_per_client": "0.5"}
        client.create_model_version(NAME, (folder / f"bundle of {number}").as_uri(), tags=tags)
    client.set_registered_model_alias(NAME, CHALLENGER, "3")
    return folder


@pytest.fixture
def folder(three_versions, tmp_path):
    shutil.copy(three_versions / "mlflow.db", tmp_path)
    return tmp_path


@pytest.fixture
def store(folder):
    return MlflowStore(f"sqlite:///{folder / 'mlflow.db'}", folder)


@pytest.fixture
def registry(store):
    return Registry(store)


def aliases(registry):
    return {alias: version.number for version in registry.versions() for alias in version.aliases}


def test_the_challenger_becomes_champion(registry):
    promotion = promote(registry)

    assert promotion.champion.number == 3
    assert promotion.before is None
    assert aliases(registry) == {CHAMPION: 3, CHALLENGER: 3}


def test_a_named_version_becomes_champion_and_the_challenger_stays(registry):
    promote(registry)

    promotion = promote(registry, 1)

    assert (promotion.champion.number, promotion.before.number) == (1, 3)
    assert aliases(registry) == {CHAMPION: 1, CHALLENGER: 3}


def test_rollbacks_in_a_row_step_back_further_until_nothing_is_left(registry):
    for number in (1, 2, 3, 1):
        promote(registry, number)

    seen = [roll_back(registry).champion.number for _ in range(3)]

    assert seen == [3, 2, 1]
    with pytest.raises(InvalidModel, match="nothing to roll back to"):
        roll_back(registry)
    assert aliases(registry)[CHAMPION] == 1


def test_what_is_promoted_after_a_rollback_is_rolled_back_to_where_it_was(registry):
    for number in (1, 2):
        promote(registry, number)
    roll_back(registry)
    promote(registry, 3)

    assert roll_back(registry).champion.number == 1


def test_promoting_the_champion_again_changes_nothing(registry):
    promote(registry, 1)
    promote(registry, 2)
    promote(registry, 2)

    assert roll_back(registry).champion.number == 1
    with pytest.raises(InvalidModel, match="nothing to roll back to"):
        roll_back(registry)


def test_without_an_earlier_champion_there_is_nothing_to_roll_back_to(registry):
    with pytest.raises(InvalidModel, match="nothing to roll back to"):
        roll_back(registry)

    assert aliases(registry) == {CHALLENGER: 3}


def test_a_version_that_was_deleted_is_passed_over(registry, store):
    for number in (1, 2, 3):
        promote(registry, number)
    store.client.delete_model_version(NAME, "2")

    assert roll_back(registry).champion.number == 1


def test_a_promotion_that_broke_off_halfway_loses_no_champion(registry):
    promote(registry, 1)
    promote(registry, 2)
    # The history is written first: as if the process had ended before the name moved.
    registry.write_note("champions_before", registry.note("champions_before") + " 2")

    promote(registry, 3)

    assert [roll_back(registry).champion.number for _ in range(2)] == [2, 1]


def test_a_version_that_is_none_is_not_promoted(registry, store):
    with pytest.raises(InvalidModel, match="there is no version 4: python -m training models lists them"):
        promote(registry, 4)
    store.client.delete_registered_model_alias(NAME, CHALLENGER)
    with pytest.raises(InvalidModel, match="no version is the challenger: choose one with --version"):
        promote(registry)

    assert aliases(registry) == {}


def run(folder, *arguments):
    return CliRunner().invoke(
        door, list(arguments), env={"OCTROI_DATA": str(folder), "MLFLOW_TRACKING_URI": ""}
    )


def test_the_commands_promote_list_and_roll_back(folder, three_versions):
    first = run(folder, "promote", "--version", "2")
    second = run(folder, "promote")
    again = run(folder, "promote")
    listed = run(folder, "models")
    back = run(folder, "promote", "--rollback")
    further = run(folder, "promote", "--rollback")

    assert first.output.splitlines() == [
        "champion: version 2, octroi-credit:000000000002",
        f"its bundle: {three_versions / 'bundle of 2'}",
    ]
    assert second.output.startswith("champion: version 3, octroi-credit:000000000003; before it: version 2\n")
    assert again.output.splitlines()[0] == (
        "champion: version 3, octroi-credit:000000000003, as before: the challenger is the champion already"
    )
    assert [line.split() for line in listed.output.splitlines()] == [
        ["version", "alias", f"{NAME}:", "trained", "AUC", "cost"],
        ["3", "challenger,", "champion", "000000000003", *today(listed, 3), "0.7300", "0.5000"],
        ["2", "000000000002", *today(listed, 2), "0.7200", "0.5000"],
        ["1", "000000000001", *today(listed, 1), "0.7100", "0.5000"],
    ]
    assert back.output.startswith("champion: version 2, octroi-credit:000000000002; before it: version 3\n")
    assert further.exit_code == 1
    assert further.output == "Error: there is nothing to roll back to: no other version was champion before\n"


def today(listed, version):
    (line,) = [line for line in listed.output.splitlines() if line.startswith(str(version))]
    return line.split()[-4:-2]


def test_a_rollback_chooses_the_version_itself(folder):
    done = run(folder, "promote", "--rollback", "--version", "1")

    assert done.exit_code == 2
    assert "--rollback finds the version itself: leave --version out" in done.output


def test_a_folder_without_trainings_says_how_to_make_one_and_stays_empty(tmp_path):
    for command in ("models", "promote"):
        done = run(tmp_path, command)
        assert done.exit_code == 1
        assert "python -m training fit registers one" in done.output

    assert list(tmp_path.iterdir()) == []


def test_the_help_says_what_to_do_after_a_promotion():
    shown = " ".join(CliRunner().invoke(door, ["promote", "--help"]).output.split())

    assert "changes nothing that is served" in shown
    assert "python -m conversion convert BUNDLE" in shown
    assert "python -m conversion publish BUNDLE" in shown
