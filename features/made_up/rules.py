"""Rules that hold between columns and tables without exception."""

from collections.abc import Iterator

from features.made_up import limits
from features.made_up.difference import Difference
from features.made_up.raw import RawDatabase
from features.made_up.statistics import SENTINEL

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


def exact(raw: RawDatabase) -> Iterator[Difference]:
    """Share of the rows that break each rule."""
    for rule, broken in _BROKEN_APPLICATION.items():
        share = raw.number(f"avg(coalesce({broken}, false)::int)", "application_train")
        yield Difference(rule, "broken", 0.0, share, limits.EXACT)
    for rule, (broken, source) in _BROKEN_CONTRACT.items():
        share = raw.number(f"avg(({broken})::int)", source)
        yield Difference(rule, "broken", 0.0, share, limits.LOOSE)
