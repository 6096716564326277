"""Rules that hold between columns and tables, and how many rows hang on each client."""

from collections.abc import Iterator

from features.made_up.difference import Difference
from features.made_up.raw import RawTables
from features.made_up.statistics import SENTINEL, load

_EXACT_LIMIT = 0.001
"""Share of rows that may break an exact rule: the real tables break some in a few rows."""
_LOOSE_LIMIT = 0.02
"""For rules between tables, which the real ones keep less well."""
_SHARE_LIMIT = 0.03
_ROWS_LIMIT = 0.12
"""Of the mean number of rows, in parts of it."""

_IDLE = f"DAYS_EMPLOYED = {SENTINEL}"
_BROKEN_APPLICATION = {
    "DAYS_EMPLOYED 365243 where ORGANIZATION_TYPE XNA": f"({_IDLE}) <> (ORGANIZATION_TYPE = 'XNA')",
    "DAYS_EMPLOYED 365243 where pensioner or unemployed": (
        f"({_IDLE}) <> (NAME_INCOME_TYPE in ('Pensioner', 'Unemployed'))"
    ),
    "no FLAG_EMP_PHONE without employer": f"({_IDLE}) and FLAG_EMP_PHONE <> 0",
    "no OCCUPATION_TYPE without employer": f"({_IDLE}) and OCCUPATION_TYPE is not null",
    "OWN_CAR_AGE where FLAG_OWN_CAR": "(OWN_CAR_AGE is null) <> (FLAG_OWN_CAR = 'N')",
    "CNT_FAM_MEMBERS from children and couple": (
        "CNT_FAM_MEMBERS <> CNT_CHILDREN + 1 + (NAME_FAMILY_STATUS in ('Married', 'Civil marriage'))::int"
    ),
    "social circle missing together": (
        "(OBS_30_CNT_SOCIAL_CIRCLE is null)::int + (DEF_30_CNT_SOCIAL_CIRCLE is null)::int"
        " + (OBS_60_CNT_SOCIAL_CIRCLE is null)::int + (DEF_60_CNT_SOCIAL_CIRCLE is null)::int"
        " not in (0, 4)"
    ),
    "bureau requests missing together": (
        "(AMT_REQ_CREDIT_BUREAU_HOUR is null)::int + (AMT_REQ_CREDIT_BUREAU_DAY is null)::int"
        " + (AMT_REQ_CREDIT_BUREAU_WEEK is null)::int + (AMT_REQ_CREDIT_BUREAU_MON is null)::int"
        " + (AMT_REQ_CREDIT_BUREAU_QRT is null)::int + (AMT_REQ_CREDIT_BUREAU_YEAR is null)::int"
        " not in (0, 6)"
    ),
}
_REPORTS = (
    "(select max(MONTHS_BALANCE) as newest, min(MONTHS_BALANCE) as oldest, count(*) as filled"
    " from bureau_balance group by SK_ID_BUREAU)"
)
_BROKEN_CONTRACT = {
    "a closed credit has its end date": (
        "CREDIT_ACTIVE = 'Closed' and DAYS_ENDDATE_FACT is null",
        "bureau",
    ),
    "bureau_balance belongs to bureau": (
        "b.SK_ID_BUREAU is null",
        "(select distinct SK_ID_BUREAU from bureau_balance) m left join bureau b using (SK_ID_BUREAU)",
    ),
    "months of bureau_balance without gap": (
        "newest - oldest + 1 <> filled",
        _REPORTS,
    ),
}
"""A condition, and where it is asked."""
_CHILDREN = ("bureau", "previous_application", "POS_CASH_balance", "credit_card_balance")


def exact(raw: RawTables) -> Iterator[Difference]:
    """Share of the rows that break each rule."""
    for rule, broken in _BROKEN_APPLICATION.items():
        share = raw.number(f"avg(coalesce({broken}, false)::int)", "application_train")
        yield Difference(rule, "broken", 0.0, share, _EXACT_LIMIT)
    for rule, (broken, source) in _BROKEN_CONTRACT.items():
        share = raw.number(f"avg(({broken})::int)", source)
        yield Difference(rule, "broken", 0.0, share, _LOOSE_LIMIT)


def shares(raw: RawTables) -> Iterator[Difference]:
    """Shares of clients or contracts for whom something is so."""
    for table, share in load().known_contracts.items():
        contracts = f"(from {table} select distinct SK_ID_PREV) c"
        found = raw.number(
            "avg((p.SK_ID_PREV is not null)::int)",
            f"{contracts} left join previous_application p using (SK_ID_PREV)",
        )
        yield Difference(f"{table} in previous_application", "share", share, found, _SHARE_LIMIT)
    equal = raw.number("avg((AMT_GOODS_PRICE = AMT_CREDIT)::int)", "application_train")
    yield Difference("AMT_GOODS_PRICE equals AMT_CREDIT", "share", load().equal_goods, equal, _SHARE_LIMIT)


def rows_per_client(raw: RawTables) -> Iterator[Difference]:
    """Training clients with any row in each child table, and how many rows those have."""
    clients = raw.number("count(*)", "application_train")
    for table in _CHILDREN:
        spread = load().spreads[f"{table}|train"]
        found = raw.rows(
            "count(*) as all_rows, count(distinct SK_ID_CURR) as clients",
            f"{table} semi join application_train using (SK_ID_CURR)",
        ).iloc[0]
        yield Difference(
            table, "clients with any", spread.share_with_any, found["clients"] / clients, _SHARE_LIMIT
        )
        mean = found["all_rows"] / max(found["clients"], 1)
        yield Difference(table, "rows per client", spread.mean, mean, _ROWS_LIMIT * spread.mean)
    yield from _rows_of_all(raw)


def _rows_of_all(raw: RawTables) -> Iterator[Difference]:
    """Rows of the larger tables for each client, training and test, against the known row counts."""
    population = load().population
    everyone = sum(raw.number("count(*)", table) for table in ("application_train", "application_test"))
    known = population["application_train"] + population["application_test"]
    for table in ("bureau_balance", "installments_payments"):
        expected = population[table] / known
        found = raw.number("count(*)", table) / everyone
        yield Difference(table, "rows for each client", expected, found, _ROWS_LIMIT * expected)
