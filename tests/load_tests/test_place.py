"""A load test has a folder to itself, and touches no other."""

import pytest

from credit.errors import InvalidSettings
from load_tests.place import open_place
from runners.bundle import Bundle


@pytest.fixture
def bundle(made):
    return Bundle.open(made.bundle)


def test_a_place_is_empty_and_its_service_writes_into_it(bundle, tmp_path):
    (tmp_path / "mixed" / "data").mkdir(parents=True)
    (tmp_path / "mixed" / "report.html").touch()

    with open_place(tmp_path / "mixed", bundle, {"PORT": "1", "OCTROI_DATA": "elsewhere"}) as place:
        assert [one.name for one in place.folder.iterdir()] == ["data"]
        assert place.data == str(tmp_path / "mixed" / "data")
        assert place.database == f"sqlite:///{tmp_path}/mixed/data/octroi.db"
        assert place.environment["PORT"] == "1"


def test_two_load_tests_do_not_share_a_place(bundle, tmp_path):
    with open_place(tmp_path / "mixed", bundle, {}):
        with (
            pytest.raises(InvalidSettings, match="another load test writes to"),
            open_place(tmp_path / "mixed", bundle, {}),
        ):
            pass
        with open_place(tmp_path / "steady", bundle, {}):
            pass
    with open_place(tmp_path / "mixed", bundle, {}):
        pass


def test_a_folder_of_other_things_is_left_as_it_is(bundle, tmp_path):
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "thesis.txt").write_text("years of work")

    with (
        pytest.raises(InvalidSettings, match="holds something else"),
        open_place(tmp_path / "mixed", bundle, {}),
    ):
        pass

    assert (tmp_path / "mixed" / "thesis.txt").read_text() == "years of work"
