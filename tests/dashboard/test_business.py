"""Business shows whom the decisions are about, as far as they are in the sample."""

import time
from statistics import mean

import msgspec
from decisions import HEADER
from lending import decide

from dashboard.business import _label
from dashboard.speech import Language, Speech
from records.hours import HOUR_US
from records.retention import delete_older
from records.views.bands import Band, Trait
from records.views.calls import Search, read_calls

NAMES = ("AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH", "NAME_CONTRACT_TYPE", "CODE_GENDER")
APPLICANT = HEADER.__class__(
    **{
        **msgspec.structs.asdict(HEADER),
        "features": NAMES,
        "words": NAMES[3:],
        "model_sha256": "e" * 64,
    }
)
INPUTS = msgspec.Raw(b'[250000.0,120000.0,-12000.0,"Cash loans","F"]')


def captions(app):
    return [caption.value for caption in app.caption]


def test_every_profile_has_its_chart_and_all_decisions_are_read(look, database):
    decide(database, 40, header=APPLICANT, inputs=INPUTS)

    app = look("business")

    assert any(caption.startswith("All 40 decisions of this time.") for caption in captions(app))
    # Two over time, four profiles, the amounts.
    assert len(app.get("vega_lite_chart")) == 7
    medians = {metric.label: metric.value for metric in app.metric}
    assert medians["Median, all"] == "250,000"
    all_of_them = read_calls(database, Search(), 40)
    by_sex, by_age = (table.value for table in app.dataframe)
    assert by_sex.to_dict("records") == [
        {
            "group": "F",
            "decisions": "40",
            "approval rate (95%)": "75.0% (59.8% \N{EN DASH} 85.8%)",
            "expected default rate": f"{mean([one.probability_default for one in all_of_them]):.1%}",
        }
    ]
    assert by_age["group"].tolist() == ["30 \N{EN DASH} 40 years"]


def test_applicants_who_said_nothing_of_themselves_are_a_group_of_their_own(look, database):
    decide(database, 12)

    app = look("business")

    assert [info.value for info in app.info] == ["No applicant said it."] * 2


def test_the_expected_rate_is_the_mean_probability(look, database):
    decide(database, 10, header=APPLICANT, inputs=INPUTS, probability_default=0.25)

    by_sex = look("business").dataframe[0].value

    assert by_sex["expected default rate"].tolist() == ["25.0%"]


def test_what_retention_deleted_is_said_to_be_counted_alone(look, database):
    decide(database, 40)
    delete_older(database, time.time_ns() // 1000 + HOUR_US, lambda _: None)

    app = look("business")
    assert "Counts alone are left of this time" in app.info[0].value
    assert len(app.get("vega_lite_chart")) == 2

    overview = look("overview")
    assert overview.metric[0].value == "40"
    assert "Counts alone are left of this time" in overview.info[0].value


def test_nothing_is_shown_of_nothing(look, database):
    app = look("business")

    assert "No data yet" in app.info[0].value
    assert not app.get("vega_lite_chart")


def test_without_a_database_it_says_so(look):
    assert "The database does not answer" in look("business").error[0].value


def test_bands_are_written_with_their_ends():
    english, french = Speech(Language.ENGLISH), Speech(Language.FRENCH)

    assert _label(english, Trait.AGE, Band(None, 30, None, 1, 0, 0.0)) == "< 30 years"
    assert _label(french, Trait.INCOME, Band(300_000, None, None, 1, 0, 0.0)) == "\u2265 300\u202f000"
