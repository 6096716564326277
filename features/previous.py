"""The client's earlier applications at this lender."""

from features.aggregation import Function, Group, History, Measure, Shares
from features.arithmetic import between, number, ratio
from features.tables import Type

MIN, MAX, MEAN, SUM, VAR, SIZE = Function
THREE = (MIN, MAX, MEAN)


def _money(
    name: str, meaning: str, functions: tuple[Function, ...] = THREE, low: float | None = 0
) -> Measure:
    return Measure(name, functions, "currency", meaning, low=low, type=Type.MONEY)


_DECIDED = Measure(
    "DAYS_DECISION", THREE, "days", "the day of the decision, from the present application", high=0
)
_AMOUNTS = (
    _money("AMT_ANNUITY", "the annuity"),
    _money("AMT_APPLICATION", "the amount asked for"),
    _money("AMT_CREDIT", "the amount granted"),
)
# A few down payments are below zero by rounding in Home Credit's own data: no lower limit.
_DOWN = (
    _money("AMT_DOWN_PAYMENT", "the down payment", low=None),
    Measure("RATE_DOWN_PAYMENT", THREE, "ratio", "the down payment's normalised rate", type=Type.REAL),
)
_GOODS = _money("AMT_GOODS_PRICE", "the price of the goods")
_TERM = Measure("CNT_PAYMENT", (MIN, MAX, MEAN, SUM), "months", "the term in monthly payments", low=0)
_ASKED_SHARE = Measure(
    "APP_CREDIT_PERC",
    (MIN, MAX, MEAN, VAR),
    "ratio",
    "the amount asked for divided by the amount granted",
    low=0,
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_APPLICATION", "AMT_CREDIT"),
)
_RATE = Measure(
    "PAYMENT_RATE",
    THREE,
    "ratio",
    "the annuity divided by the amount granted",
    low=0,
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_ANNUITY", "AMT_CREDIT"),
)
_INTEREST = Measure(
    "TOTAL_PAID_PERC",
    THREE,
    "ratio",
    "all planned payments divided by the amount granted",
    low=0,
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_ANNUITY", "AMT_CREDIT") * number(rows, "CNT_PAYMENT"),
)
_HOUR = Measure("HOUR_APPR_PROCESS_START", THREE, "hours", "the hour of the application", low=0, high=23)
_SHOP = Measure("SELLERPLACE_AREA", (MAX, MEAN), "m²", "the selling area of the seller's place", low=0)
_INSURED = Measure(
    "NFLAG_INSURED_ON_APPROVAL",
    (MEAN,),
    "share",
    "the flag that insurance was asked for",
    low=0,
    high=1,
)
_DAYS = (
    Measure(
        "DAYS_FIRST_DRAWING",
        (MAX, MEAN),
        "days",
        "the day of the first drawing, from the present application",
    ),
    Measure(
        "DAYS_FIRST_DUE",
        THREE,
        "days",
        "the day the first payment was due, from the present application",
    ),
    Measure(
        "DAYS_LAST_DUE_1ST_VERSION",
        THREE,
        "days",
        "the day the last payment was first planned for, from the present application",
    ),
    Measure(
        "DAYS_LAST_DUE",
        THREE,
        "days",
        "the day the last payment was due, from the present application",
    ),
    Measure(
        "DAYS_TERMINATION",
        THREE,
        "days",
        "the day the credit is expected to end, from the present application",
    ),
)
_SHORTENED = Measure(
    "LAST_DUE_DIFF",
    THREE,
    "days",
    "the days the last payment came before its first plan",
    value=lambda rows: between(rows, "DAYS_LAST_DUE", "DAYS_LAST_DUE_1ST_VERSION"),
)
_RATES = tuple(
    Measure(name, (MAX, MEAN), "ratio", meaning, low=0, type=Type.REAL)
    for name, meaning in (
        ("RATE_INTEREST_PRIMARY", "the normalised interest rate"),
        ("RATE_INTEREST_PRIVILEGED", "the normalised privileged interest rate"),
    )
)
_ALL = (_DECIDED, *_AMOUNTS, *_DOWN, _GOODS, _TERM, _ASKED_SHARE, _HOUR)
_RECENT = (_DECIDED, *_AMOUNTS, _TERM, _ASKED_SHARE, _RATE)

_YIELD = Shares("NAME_YIELD_GROUP", "interest group", ("high", "middle", "low_normal", "low_action"))
_CONTRACT = Shares("NAME_CONTRACT_TYPE", "contract type", ("Cash loans", "Consumer loans", "Revolving loans"))
_STATUS = Shares("NAME_CONTRACT_STATUS", "outcome", ("Approved", "Canceled", "Refused", "Unused offer"))
_PORTFOLIO = Shares("NAME_PORTFOLIO", "portfolio", ("POS", "Cash", "Cards", "Cars"))
_REASON = Shares(
    "CODE_REJECT_REASON",
    "reason for rejection",
    ("HC", "LIMIT", "SCO", "CLIENT", "SCOFR", "VERIF", "SYSTEM"),
)
_CLIENT = Shares("NAME_CLIENT_TYPE", "kind of client", ("Repeater", "New", "Refreshed"))
_PRODUCT = Shares("NAME_PRODUCT_TYPE", "product type", ("x-sell", "walk-in"))
_CHANNEL = Shares(
    "CHANNEL_TYPE",
    "channel",
    (
        "Credit and cash offices",
        "Country-wide",
        "Stone",
        "Regional / Local",
        "Contact center",
        "AP+ (Cash loan)",
        "Channel of corporate sales",
    ),
)
_GOODS_KIND = Shares(
    "NAME_GOODS_CATEGORY",
    "kind of goods",
    (
        "Mobile",
        "Consumer Electronics",
        "Computers",
        "Audio/Video",
        "Furniture",
        "Construction Materials",
        "Clothing and Accessories",
    ),
)
_INDUSTRY = Shares(
    "NAME_SELLER_INDUSTRY",
    "seller's industry",
    ("Consumer electronics", "Connectivity", "Furniture", "Construction", "Clothing", "Industry"),
)
_COMBINATION = Shares(
    "PRODUCT_COMBINATION",
    "product combination",
    (
        "Cash",
        "POS household with interest",
        "POS mobile with interest",
        "Cash X-Sell: middle",
        "Cash X-Sell: low",
        "Card Street",
        "POS industry with interest",
        "Card X-Sell",
        "POS household without interest",
        "Cash X-Sell: high",
        "Cash Street: high",
        "Cash Street: low",
        "Cash Street: middle",
        "POS mobile without interest",
        "POS other with interest",
        "POS industry without interest",
    ),
)
_PAYMENT = Shares(
    "NAME_PAYMENT_TYPE",
    "way of payment",
    ("Cash through the bank", "Non-cash from your account"),
)
_SUITE = Shares(
    "NAME_TYPE_SUITE",
    "company at the application",
    ("Unaccompanied", "Family", "Spouse, partner", "Children"),
)

PREVIOUS = History(
    "previous_application",
    "Earlier applications",
    (
        Group(
            "PREV",
            "all earlier applications",
            (*_ALL, _RATE, _INTEREST, _SHOP, _INSURED, *_DAYS, _SHORTENED, *_RATES),
            (
                _CONTRACT,
                _STATUS,
                _REASON,
                _CLIENT,
                _GOODS_KIND,
                _PORTFOLIO,
                _PRODUCT,
                _CHANNEL,
                _INDUSTRY,
                _YIELD,
                _COMBINATION,
                _PAYMENT,
                _SUITE,
            ),
        ),
        Group(
            "APPROVED",
            "approved earlier applications",
            (*_ALL, _RATE, _INTEREST, _INSURED, *_DAYS, _SHORTENED),
            (_CONTRACT, _YIELD, _PORTFOLIO),
            where=lambda rows: rows["NAME_CONTRACT_STATUS"] == "Approved",
        ),
        Group(
            "REFUSED",
            "refused earlier applications",
            _ALL,
            (_CONTRACT, _REASON, _PORTFOLIO),
            where=lambda rows: rows["NAME_CONTRACT_STATUS"] == "Refused",
        ),
        Group(
            "PREV_365D",
            "earlier applications decided in the last 365 days",
            _RECENT,
            (_STATUS, _REASON),
            where=lambda rows: rows["DAYS_DECISION"] >= -365,
        ),
        Group(
            "PREV_1095D",
            "earlier applications decided in the last 1,095 days",
            _RECENT,
            (_STATUS,),
            where=lambda rows: rows["DAYS_DECISION"] >= -1095,
        ),
    ),
)
