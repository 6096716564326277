"""The doors of monitoring, walked as a user does, on a real database and real profiles."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lender import clients
from watched import NOW_US, Watched, changed, rows_of, run

from monitoring.reporting.latest import read_latest
from monitoring.trial.induced import Lose, Scale

WORSE = Scale(("AMT_CREDIT",), 1.4)


def reports(watched: Watched, kind: str = "json") -> list:
    return sorted(path for path in watched.reports.glob(f"drift_*.{kind}"))


def found(watched: Watched) -> dict:
    return json.loads(reports(watched)[-1].read_bytes())


def test_a_week_like_training_is_no_drift_and_is_kept(watched):
    watched.decide(clients(1200, 11))

    output = run("drift", "--days", "7")

    assert "no drift: 1,200 decisions compared with 20,000" in output
    report = found(watched)
    assert (report["verdict"], report["share"], report["decisions"]) == ("no drift", 0.0, 1200)
    assert report["until_us"] - report["since_us"] == 7 * 86_400_000_000
    assert rows_of(
        watched, "select decisions, features, drifted, alert, since_us, until_us from drift_reports"
    ) == [(1200, 9, 0, 0, report["since_us"], report["until_us"])]
    ((kept,),) = rows_of(watched, "select report from drift_reports")
    assert json.loads(kept) == report
    latest = read_latest(watched.reports)
    assert (latest.share, latest.verdict, len(latest.psi)) == (0.0, "no drift", 10)
    assert latest.psi["probability_default"] == report["probability"]["psi"]


def test_a_report_is_made_only_if_there_is_none(watched):
    watched.decide(clients(60, 11))

    first = run("drift", "--if-none")
    again = run("drift", "--if-none")

    assert "60 decisions compared with 20,000" in first
    assert again == ""
    assert len(reports(watched)) == 1


def test_drift_of_an_important_feature_ends_with_status_3(watched):
    watched.decide(changed(clients(1200, 12), WORSE))

    output = run("drift", status=3)

    assert "alert: AMT_CREDIT, an important feature, drifted: values" in output
    report = found(watched)
    assert report["drifted"] == ["AMT_CREDIT", "PAYMENT_RATE"]
    assert report["alerts"] == [
        {
            "kind": "feature",
            "message": "AMT_CREDIT, an important feature, drifted: values",
            "feature": "AMT_CREDIT",
        }
    ]
    credit = next(one for one in report["features"] if one["name"] == "AMT_CREDIT")
    assert credit["psi"] > credit["limit"] == 0.1
    assert sum(credit["now"]) == 1200
    assert rows_of(watched, "select drifted, alert from drift_reports") == [(2, 1)]


def test_49_decisions_are_not_enough_and_say_so(watched):
    watched.decide(changed(clients(49, 12), WORSE))

    assert "not enough data: 49 decisions" in run("drift", status=4)
    assert found(watched)["features"] == []
    assert "that is not enough data" in reports(watched, "html")[0].read_text()
    assert read_latest(watched.reports).share is None


def test_only_the_asked_time_the_served_model_and_real_traffic_count(watched):
    watched.decide(clients(300, 13))
    watched.decide(changed(clients(300, 14), WORSE), days_ago=20)
    watched.decide(changed(clients(300, 15), WORSE), scenario="dearer")
    watched.decide(changed(clients(300, 16), WORSE), model_sha256="f" * 64)

    assert "no drift: 300 decisions" in run("drift")
    assert found(watched)["others"] == 300
    assert "alert: 300 decisions" in run("drift", "--scenario", "dearer", status=3)
    assert read_latest(watched.reports).verdict == "no drift"
    assert "600 decisions" in run("drift", "--days", "30")


def test_a_time_between_two_moments(watched):
    watched.decide(clients(120, 17), days_ago=3)
    since = np.datetime64(NOW_US - 3 * 86_400_000_000, "us")
    until = since + np.timedelta64(60, "s")

    run("drift", "--since", f"{since}Z", "--until", f"{until}Z")

    assert found(watched)["decisions"] == 60
    # What Prometheus shows is of now.
    assert read_latest(watched.reports) is None


def test_the_time_before_is_another_measure(watched):
    watched.decide(changed(clients(900, 18), WORSE), days_ago=1.5)
    watched.decide(changed(clients(900, 19), WORSE), days_ago=0.5)

    assert "no drift: 900 decisions compared with 900" in run("drift", "--days", "1", "--against", "previous")
    run("drift", "--days", "1", status=3)


def test_what_clients_left_out_and_the_service_computed_is_not_missing(watched):
    watched.decide(clients(300, 20))

    run("drift")

    rate = next(one for one in found(watched)["features"] if one["name"] == "PAYMENT_RATE")
    assert rate["missing_now"] == 0.0


def test_profiles_of_two_hosts_say_what_their_rows_say(watched):
    for host, seed in (("a", 21), ("b", 22)):
        watched.profile(changed(clients(1000, seed), WORSE), watched.folder / host)
        watched.decide(changed(clients(1000, seed), WORSE))
    run("drift", status=3)
    by_row = found(watched)

    output = run(
        "drift", "--profiles", f"{watched.folder / 'a'}", "--profiles", f"{watched.folder / 'b'}", status=3
    )

    assert "alert: 2,000 decisions" in output
    by_profile = found(watched)
    assert (by_profile["source"], by_profile["drifted"]) == ("profiles", by_row["drifted"])
    for ours, theirs in zip(by_profile["features"], by_row["features"], strict=True):
        assert ours["psi"] == pytest.approx(theirs["psi"], abs=0.02, rel=0.05), ours["name"]
        assert ours["missing_now"] == pytest.approx(theirs["missing_now"], abs=0.01)
        if ours["tested"]:
            assert ours["tested"]["statistic"] == pytest.approx(theirs["tested"]["statistic"], abs=0.02)
    expected = by_profile["expected"]["approval_rate"]["value"]
    assert expected == pytest.approx(by_row["expected"]["approval_rate"]["value"], abs=0.01)


def test_profiles_can_be_compared_with_those_before_and_none_are_not_enough(watched):
    folder = watched.folder / "a"
    watched.profile(clients(400, 23), folder, days_ago=1.5)
    watched.profile(clients(400, 24), folder, days_ago=0.5)

    output = run("drift", "--days", "1", "--against", "previous", "--profiles", str(folder))

    assert "no drift: 400 decisions compared with 400" in output
    (watched.folder / "none").mkdir()
    assert "not enough data: 0" in run("drift", "--profiles", str(watched.folder / "none"), status=4)
    assert "leave out --scenario" in run("drift", "--profiles", str(folder), "--scenario", "x", status=1)


def test_the_page_opens_without_internet_and_shows_the_course(watched):
    watched.decide(changed(clients(800, 25), WORSE))
    for _ in range(3):
        run("drift", status=3)

    text = reports(watched, "html")[-1].read_text()

    assert re.findall(r"(?:src|href|url|@import|srcset)\s*[=(]", text) == []
    assert set(re.findall(r"https?://[^\"'<> ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert text.count("<circle") == 3 + 6
    assert "AMT_CREDIT, an important feature, drifted: values" in text
    assert re.search(r"AMT_CREDIT<span class=\"tag\">values</span>", text)


def test_names_that_look_like_markup_stay_text(watched):
    policy = json.loads((watched.folder / "bundle" / "policy.json").read_text())
    policy["name"] = "<script>x"
    (watched.folder / "bundle" / "policy.json").write_text(json.dumps(policy))
    watched.decide(clients(300, 26))

    run("drift")

    (page,) = reports(watched, "html")
    assert "<script>" not in page.read_text()
    assert "&lt;script&gt;x" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--since", "tomorrow"), "'tomorrow' is no time"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "must begin before it ends"),
        ((), "there is no database"),
        (("--scenario", "../x"), "a scenario's name has"),
        (("--days", "1e9"), "there is no time 1e+09 days before"),
        (("--days", "nan"), "there is no time nan days before"),
        (("--since", "0001-01-01T00:00:00+14:00"), "is no time"),
    ],
)
def test_a_mistake_is_a_sentence(watched, arguments, sentence):
    output = run("drift", *arguments, status=1)

    assert sentence in output
    assert "Traceback" not in output


def test_a_bundle_without_reference_and_another_schema_are_said(watched):
    watched.decide(clients(60, 27))
    text = json.loads((watched.folder / "bundle" / "schema.json").read_text())
    text["features"] = text["features"][:-1]
    (watched.folder / "bundle" / "schema.json").write_text(json.dumps(text))
    assert "recorded with other features" in run("drift", status=1)

    text = json.loads((watched.folder / "bundle" / "reference.json").read_text())
    for name, damage in (
        ("of other features than its schema", {"numbers": text["numbers"][1:]}),
        (
            "PAYMENT_RATE has other bins than counts",
            {"numbers": [{**one, "tally": {**one["tally"], "bins": [1]}} for one in text["numbers"][-1:]]},
        ),
    ):
        (watched.folder / "bundle" / "reference.json").write_text(json.dumps({**text, **damage}))
        assert name in run("drift", status=1)

    (watched.folder / "bundle" / "reference.json").unlink()
    assert "no reference.json to compare with: train the model again" in run("drift", status=1)


def test_two_features_lost_are_drift_and_no_alert(watched):
    watched.decide(changed(clients(500, 31), Lose(("BURO_COUNT", "CNT_CHILDREN"))))

    assert "drift: 500 decisions" in run("drift")
    assert found(watched)["verdict"] == "drift"


def test_comparing_profiles_waits_for_no_library_it_does_not_need(watched):
    watched.profile(clients(300, 32), watched.folder / "a")
    code = (
        "import sys\nfrom monitoring.__main__ import door\n"
        "door(['drift', '--profiles', sys.argv[1]], standalone_mode=False)"
    )

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, str(watched.folder / "a")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )

    assert "no drift: 300 decisions" in done.stdout
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "numpy" in loaded
    # Each of them takes longer to load than a comparison takes.
    assert loaded & {"whylogs", "pandas", "scipy", "sklearn", "sqlalchemy", "httpx", "structlog"} == set()
