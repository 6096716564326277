"""What the application itself says."""

from dataclasses import dataclass, field

from features.schema import Feature, Kind
from features.tables import APPLICATION_TEST, BUILDING, CLIENT, DOCUMENTS, Column, Type

REQUIRED = ("AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH")
_LIFE = 40000
"""Days of the longest life, about 110 years."""
_ADULT = 5000
"""Days nobody who applies can be younger than."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one column of the application means, where its name and type do not settle it."""

    meaning: str
    unit: str = "flag"
    low: float | None = 0
    high: float | None = None
    aliases: dict[str, str] = field(default_factory=dict)


def _flag(meaning: str) -> Said:
    return Said(f"1 when {meaning}, else 0.", high=1)


def _word(meaning: str, aliases: dict[str, str] | None = None) -> Said:
    return Said(meaning, "category", None, None, aliases or {})


def _day(meaning: str) -> Said:
    return Said(meaning, "days", -_LIFE, 0)


_SAID: dict[str, Said] = {
    "NAME_CONTRACT_TYPE": _word("Cash loan or revolving credit."),
    "CODE_GENDER": _word("Sex; recorded to measure fairness.", {"1": "F", "0": "M"}),
    "FLAG_OWN_CAR": _word("Y when the client owns a car, else N."),
    "FLAG_OWN_REALTY": _word("Y when the client owns a house or flat, else N."),
    "CNT_CHILDREN": Said("Number of children.", "children"),
    "AMT_INCOME_TOTAL": Said("Income in a year.", "currency"),
    "AMT_CREDIT": Said("Amount of the credit.", "currency"),
    "AMT_ANNUITY": Said("Regular payment of the credit.", "currency"),
    "AMT_GOODS_PRICE": Said("Price of the goods the credit is for.", "currency"),
    "NAME_TYPE_SUITE": _word("Who came along to apply."),
    "NAME_INCOME_TYPE": _word("Where the income comes from."),
    "NAME_EDUCATION_TYPE": _word("Highest education."),
    "NAME_FAMILY_STATUS": _word("Family status."),
    "NAME_HOUSING_TYPE": _word("How the client lives: own, rented, with parents."),
    "REGION_POPULATION_RELATIVE": Said("Normalised population of the client's region.", "share", 0, 1),
    "DAYS_BIRTH": Said("Day of birth, from the application.", "days", -_LIFE, -_ADULT),
    "DAYS_EMPLOYED": _day("Day the present employment began, from the application."),
    "DAYS_REGISTRATION": _day("Day the client's registration last changed, from the application."),
    "DAYS_ID_PUBLISH": _day("Day the identity document last changed, from the application."),
    "OWN_CAR_AGE": Said("Age of the client's car.", "years"),
    "FLAG_MOBIL": _flag("a mobile phone was given"),
    "FLAG_EMP_PHONE": _flag("a work phone was given"),
    "FLAG_WORK_PHONE": _flag("a home phone was given"),
    "FLAG_CONT_MOBILE": _flag("the mobile phone could be reached"),
    "FLAG_PHONE": _flag("a home phone was given (second flag)"),
    "FLAG_EMAIL": _flag("an e-mail address was given"),
    "OCCUPATION_TYPE": _word("Occupation."),
    "CNT_FAM_MEMBERS": Said("Number of members of the family.", "persons"),
    "REGION_RATING_CLIENT": Said("The lender's rating of the client's region.", "rating 1 to 3", 1, 3),
    "REGION_RATING_CLIENT_W_CITY": Said(
        "The lender's rating of the client's region and city.", "rating 1 to 3", 1, 3
    ),
    "WEEKDAY_APPR_PROCESS_START": _word("Weekday of the application."),
    "HOUR_APPR_PROCESS_START": Said("Hour of the application.", "hours", 0, 23),
    "REG_REGION_NOT_LIVE_REGION": _flag("permanent and contact address lie in different regions"),
    "REG_REGION_NOT_WORK_REGION": _flag("permanent and work address lie in different regions"),
    "LIVE_REGION_NOT_WORK_REGION": _flag("contact and work address lie in different regions"),
    "REG_CITY_NOT_LIVE_CITY": _flag("permanent and contact address lie in different cities"),
    "REG_CITY_NOT_WORK_CITY": _flag("permanent and work address lie in different cities"),
    "LIVE_CITY_NOT_WORK_CITY": _flag("contact and work address lie in different cities"),
    "ORGANIZATION_TYPE": _word("Kind of organisation the client works for."),
    **{
        f"EXT_SOURCE_{source}": Said(f"Normalised score of external source {source}.", "score", 0, 1)
        for source in (1, 2, 3)
    },
    **{
        name: Said(
            f"{part.capitalize().replace('_', ' ')} of the client's building, normalised, {statistic}.",
            "share",
            0,
            1,
        )
        for name in BUILDING
        for part, statistic in [
            (
                name.rpartition("_")[0],
                {"AVG": "mean", "MODE": "mode", "MEDI": "median"}[name[-4:].lstrip("_")],
            )
        ]
    },
    "FONDKAPREMONT_MODE": _word("Repair fund of the client's building, mode."),
    "HOUSETYPE_MODE": _word("Type of the client's building, mode."),
    "TOTALAREA_MODE": Said("Total area of the client's building, normalised, mode.", "share", 0, 1),
    "WALLSMATERIAL_MODE": _word("Material of the walls of the client's building, mode."),
    "EMERGENCYSTATE_MODE": _word("Whether the client's building is in a state of emergency, mode."),
    **{
        f"{kind}_{days}_CNT_SOCIAL_CIRCLE": Said(
            f"People of the client's social circle {what} {days} days past due.", "persons"
        )
        for days in (30, 60)
        for kind, what in (("OBS", "seen with a chance to be"), ("DEF", "who defaulted at"))
    },
    "DAYS_LAST_PHONE_CHANGE": _day("Day the client last changed phone, from the application."),
    **{name: _flag(f"document {name.rpartition('_')[2]} was given") for name in DOCUMENTS},
    **{
        f"AMT_REQ_CREDIT_BUREAU_{key}": Said(
            f"Enquiries at the credit bureau about the client in the last {span}.", "enquiries"
        )
        for key, span in (
            ("HOUR", "hour"),
            ("DAY", "day, the last hour left out"),
            ("WEEK", "week, the last day left out"),
            ("MON", "month, the last week left out"),
            ("QRT", "three months, the last month left out"),
            ("YEAR", "year, the last three months left out"),
        )
    },
}


def _own(column: Column) -> Feature:
    said = _SAID[column.name]
    return Feature(
        column.name,
        Kind.CATEGORY if column.type is Type.TEXT else Kind.NUMBER,
        said.unit,
        said.meaning,
        low=said.low,
        high=said.high,
        required=column.name in REQUIRED,
        sentinels=column.missing_numbers if column.name in _SENTINELS else (),
        aliases=dict(said.aliases),
    )


_SENTINELS = ("DAYS_EMPLOYED", "REGION_RATING_CLIENT_W_CITY")
OWN = tuple(_own(column) for column in APPLICATION_TEST.columns if column.name != CLIENT)
"""The application's own columns, under Kaggle's names and in Kaggle's order."""
