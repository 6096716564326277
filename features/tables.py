"""The raw Home Credit tables: their files, their columns, what each column holds, what stands for missing."""

from dataclasses import dataclass
from enum import StrEnum

CLIENT = "SK_ID_CURR"
TARGET = "TARGET"

NO_DAY = 365243.0
"""A thousand years: what Home Credit writes in a column of days when there is no such day."""


class Type(StrEnum):
    """What a raw column holds."""

    ID = "id"
    WHOLE = "whole"
    """Counts, days, flags. Kaggle writes them with a decimal point where the column has missing values."""
    REAL = "real"
    MONEY = "money"
    """Amounts with up to three decimals."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table, and the values that mean "missing" in it."""

    name: str
    type: Type
    missing_numbers: tuple[float, ...] = ()
    missing_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """One raw table; its file is `<name>.csv` or `<name>.parquet`."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    """The column that may not hold a value twice."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_MISSING_NUMBERS = {"SELLERPLACE_AREA": (-1.0,), "REGION_RATING_CLIENT_W_CITY": (-1.0,)}
_MISSING_WORDS = {"NAME_FAMILY_STATUS": ("Unknown",)}


def _column(name: str, kind: str) -> Column:
    column_type = Type(kind)
    if column_type is Type.TEXT:
        return Column(name, column_type, missing_words=("XNA", "XAP", *_MISSING_WORDS.get(name, ())))
    day = (NO_DAY,) if name.startswith("DAYS_") else ()
    return Column(name, column_type, missing_numbers=day + _MISSING_NUMBERS.get(name, ()))


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines "type: NAME NAME ...", in the order of Kaggle's file."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return tuple(_column(name, kind.strip()) for kind, names in lines for name in names.split())


_BUILDING_PARTS = (
    "APARTMENTS",
    "BASEMENTAREA",
    "YEARS_BEGINEXPLUATATION",
    "YEARS_BUILD",
    "COMMONAREA",
    "ELEVATORS",
    "ENTRANCES",
    "FLOORSMAX",
    "FLOORSMIN",
    "LANDAREA",
    "LIVINGAPARTMENTS",
    "LIVINGAREA",
    "NONLIVINGAPARTMENTS",
    "NONLIVINGAREA",
)
BUILDING = tuple(f"{part}_{statistic}" for statistic in ("AVG", "MODE", "MEDI") for part in _BUILDING_PARTS)
DOCUMENTS = tuple(f"FLAG_DOCUMENT_{number}" for number in range(2, 22))

_APPLICATION = _columns(
    f"""
    text: NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY
    whole: CNT_CHILDREN
    money: AMT_INCOME_TOTAL AMT_CREDIT AMT_ANNUITY AMT_GOODS_PRICE
    text: NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS NAME_HOUSING_TYPE
    real: REGION_POPULATION_RELATIVE
    whole: DAYS_BIRTH DAYS_EMPLOYED DAYS_REGISTRATION DAYS_ID_PUBLISH OWN_CAR_AGE
    whole: FLAG_MOBIL FLAG_EMP_PHONE FLAG_WORK_PHONE FLAG_CONT_MOBILE FLAG_PHONE FLAG_EMAIL
    text: OCCUPATION_TYPE
    whole: CNT_FAM_MEMBERS REGION_RATING_CLIENT REGION_RATING_CLIENT_W_CITY
    text: WEEKDAY_APPR_PROCESS_START
    whole: HOUR_APPR_PROCESS_START
    whole: REG_REGION_NOT_LIVE_REGION REG_REGION_NOT_WORK_REGION LIVE_REGION_NOT_WORK_REGION
    whole: REG_CITY_NOT_LIVE_CITY REG_CITY_NOT_WORK_CITY LIVE_CITY_NOT_WORK_CITY
    text: ORGANIZATION_TYPE
    real: EXT_SOURCE_1 EXT_SOURCE_2 EXT_SOURCE_3
    real: {" ".join(BUILDING)}
    text: FONDKAPREMONT_MODE HOUSETYPE_MODE
    real: TOTALAREA_MODE
    text: WALLSMATERIAL_MODE EMERGENCYSTATE_MODE
    whole: OBS_30_CNT_SOCIAL_CIRCLE DEF_30_CNT_SOCIAL_CIRCLE OBS_60_CNT_SOCIAL_CIRCLE DEF_60_CNT_SOCIAL_CIRCLE
    whole: DAYS_LAST_PHONE_CHANGE
    whole: {" ".join(DOCUMENTS)}
    whole: AMT_REQ_CREDIT_BUREAU_HOUR AMT_REQ_CREDIT_BUREAU_DAY AMT_REQ_CREDIT_BUREAU_WEEK
    whole: AMT_REQ_CREDIT_BUREAU_MON AMT_REQ_CREDIT_BUREAU_QRT AMT_REQ_CREDIT_BUREAU_YEAR
    """
)

APPLICATION_TRAIN = RawTable(
    "application_train", (Column(CLIENT, Type.ID), Column(TARGET, Type.WHOLE), *_APPLICATION), key=CLIENT
)
APPLICATION_TEST = RawTable("application_test", (Column(CLIENT, Type.ID), *_APPLICATION), key=CLIENT)
BUREAU = RawTable(
    "bureau",
    _columns(
        """
        id: SK_ID_CURR SK_ID_BUREAU
        text: CREDIT_ACTIVE CREDIT_CURRENCY
        whole: DAYS_CREDIT CREDIT_DAY_OVERDUE DAYS_CREDIT_ENDDATE DAYS_ENDDATE_FACT
        money: AMT_CREDIT_MAX_OVERDUE
        whole: CNT_CREDIT_PROLONG
        money: AMT_CREDIT_SUM AMT_CREDIT_SUM_DEBT AMT_CREDIT_SUM_LIMIT AMT_CREDIT_SUM_OVERDUE
        text: CREDIT_TYPE
        whole: DAYS_CREDIT_UPDATE
        money: AMT_ANNUITY
        """
    ),
    key="SK_ID_BUREAU",
)
BUREAU_BALANCE = RawTable(
    "bureau_balance", _columns("id: SK_ID_BUREAU\n whole: MONTHS_BALANCE\n text: STATUS")
)
PREVIOUS_APPLICATION = RawTable(
    "previous_application",
    _columns(
        """
        id: SK_ID_PREV SK_ID_CURR
        text: NAME_CONTRACT_TYPE
        money: AMT_ANNUITY AMT_APPLICATION AMT_CREDIT AMT_DOWN_PAYMENT AMT_GOODS_PRICE
        text: WEEKDAY_APPR_PROCESS_START
        whole: HOUR_APPR_PROCESS_START
        text: FLAG_LAST_APPL_PER_CONTRACT
        whole: NFLAG_LAST_APPL_IN_DAY
        real: RATE_DOWN_PAYMENT RATE_INTEREST_PRIMARY RATE_INTEREST_PRIVILEGED
        text: NAME_CASH_LOAN_PURPOSE NAME_CONTRACT_STATUS
        whole: DAYS_DECISION
        text: NAME_PAYMENT_TYPE CODE_REJECT_REASON NAME_TYPE_SUITE NAME_CLIENT_TYPE NAME_GOODS_CATEGORY
        text: NAME_PORTFOLIO NAME_PRODUCT_TYPE CHANNEL_TYPE
        whole: SELLERPLACE_AREA
        text: NAME_SELLER_INDUSTRY
        whole: CNT_PAYMENT
        text: NAME_YIELD_GROUP PRODUCT_COMBINATION
        whole: DAYS_FIRST_DRAWING DAYS_FIRST_DUE DAYS_LAST_DUE_1ST_VERSION DAYS_LAST_DUE DAYS_TERMINATION
        whole: NFLAG_INSURED_ON_APPROVAL
        """
    ),
    key="SK_ID_PREV",
)
POS_CASH_BALANCE = RawTable(
    "POS_CASH_balance",
    _columns(
        """
        id: SK_ID_PREV SK_ID_CURR
        whole: MONTHS_BALANCE CNT_INSTALMENT CNT_INSTALMENT_FUTURE
        text: NAME_CONTRACT_STATUS
        whole: SK_DPD SK_DPD_DEF
        """
    ),
)
CREDIT_CARD_BALANCE = RawTable(
    "credit_card_balance",
    _columns(
        """
        id: SK_ID_PREV SK_ID_CURR
        whole: MONTHS_BALANCE
        money: AMT_BALANCE AMT_CREDIT_LIMIT_ACTUAL AMT_DRAWINGS_ATM_CURRENT AMT_DRAWINGS_CURRENT
        money: AMT_DRAWINGS_OTHER_CURRENT AMT_DRAWINGS_POS_CURRENT AMT_INST_MIN_REGULARITY AMT_PAYMENT_CURRENT
        money: AMT_PAYMENT_TOTAL_CURRENT AMT_RECEIVABLE_PRINCIPAL AMT_RECIVABLE AMT_TOTAL_RECEIVABLE
        whole: CNT_DRAWINGS_ATM_CURRENT CNT_DRAWINGS_CURRENT CNT_DRAWINGS_OTHER_CURRENT
        whole: CNT_DRAWINGS_POS_CURRENT CNT_INSTALMENT_MATURE_CUM
        text: NAME_CONTRACT_STATUS
        whole: SK_DPD SK_DPD_DEF
        """
    ),
)
INSTALLMENTS_PAYMENTS = RawTable(
    "installments_payments",
    _columns(
        """
        id: SK_ID_PREV SK_ID_CURR
        whole: NUM_INSTALMENT_VERSION NUM_INSTALMENT_NUMBER DAYS_INSTALMENT DAYS_ENTRY_PAYMENT
        money: AMT_INSTALMENT AMT_PAYMENT
        """
    ),
)

APPLICATIONS = (APPLICATION_TRAIN, APPLICATION_TEST)
"""One table in two files: with and without the outcome."""
HISTORIES = (
    BUREAU,
    BUREAU_BALANCE,
    PREVIOUS_APPLICATION,
    POS_CASH_BALANCE,
    CREDIT_CARD_BALANCE,
    INSTALLMENTS_PAYMENTS,
)
