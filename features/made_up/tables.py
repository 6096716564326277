"""All tables of made-up clients, written group by group."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.made_up import bureau, bureau_month, card, contract, instalments, normal, previous, shop
from features.made_up.application import Application
from features.made_up.client import Clients
from features.made_up.columns import Columns, Flags, Integers, array, taken, to_arrow
from features.made_up.contract import Contracts
from features.made_up.files import TRUE_PD, writers
from features.made_up.latent import Scores, latents
from features.made_up.layout import IDS, schema
from features.made_up.statistics import load
from features.made_up.truth import default_probability

_GROUP = 10_000
"""Clients made at a time: bounds the memory, and is part of what a seed means."""
_FIRST_CLIENT = 100_001
_FIRST_CREDIT = 5_000_001
_FIRST_CONTRACT = 1_000_001


def write_tables(
    out: Path,
    clients: int,
    seed: int,
    report: Callable[[float], None],
    file_format: str = "parquet",
    with_true_pd: bool = False,
) -> None:
    """Write the tables of *clients* training clients, and test clients in Kaggle's proportion, into *out*.

    The same arguments write the same bytes. *file_format* is "parquet" or "csv". With *with_true_pd*
    a file more, true_pd.parquet, tells each client's true probability of default. Stopped halfway, no table
    is there that reads as whole; `InvalidTables` rather than replacing tables that were not made up.
    """
    schemas = {table: schema(table) for table in IDS}
    if with_true_pd:
        schemas[TRUE_PD] = pa.schema([("SK_ID_CURR", pa.int64()), ("TRUE_PD", pa.float64())])
    groups = _groups(clients, seed)
    about = {"clients": clients, "seed": seed}
    with writers(out, schemas, file_format, about) as writer_of, ThreadPoolExecutor(1) as maker:
        for done, tables in enumerate(_ahead(_made(groups, seed), maker), 1):
            for table, writer in writer_of.items():
                writer.write(to_arrow(tables[table], schemas[table]))
            report(done / len(groups))


def _ahead(made: Iterator[dict[str, Columns]], maker: Executor) -> Iterator[dict[str, Columns]]:
    """The same groups; the next one is made in another thread while this one is written."""
    coming = maker.submit(next, made, None)
    while (tables := coming.result()) is not None:
        coming = maker.submit(next, made, None)
        yield tables


@dataclass(frozen=True)
class _Group:
    """Consecutive client numbers, and who of them is in the test table."""

    number: int
    sk_id_curr: Integers
    is_test: Flags


def _groups(train: int, seed: int) -> list[_Group]:
    population = load().population
    test = round(train * population["application_test"] / population["application_train"])
    everyone = train + test
    is_test = np.zeros(everyone, dtype=np.bool_)
    is_test[np.random.default_rng([seed, 0]).permutation(everyone)[:test]] = True
    numbers = _FIRST_CLIENT + np.arange(everyone)
    return [
        _Group(position + 1, numbers[start : start + _GROUP], is_test[start : start + _GROUP])
        for position, start in enumerate(range(0, everyone, _GROUP))
    ]


def _made(groups: list[_Group], seed: int) -> Iterator[dict[str, Columns]]:
    """Each group's rows of every table."""
    next_credit, next_contract = _FIRST_CREDIT, _FIRST_CONTRACT
    for group in groups:
        rng = np.random.default_rng([seed, group.number])
        clients = Clients(group.sk_id_curr, group.is_test, _scores(rng, group.is_test))
        tables = _applications(rng, clients) | _elsewhere(rng, clients, next_credit)
        here, used = _here(rng, clients, next_contract)
        next_credit += len(array(tables["bureau"]["SK_ID_BUREAU"]))
        next_contract += used
        yield tables | here


def _scores(rng: np.random.Generator, is_test: Flags) -> Scores:
    """Scores of a group's clients, spread evenly over those of each of the two applications."""
    drawn = latents().draw(rng, len(is_test))
    for members in (~is_test, is_test):
        for values in drawn.values():
            values[members] = normal.evenly(rng, values[members])
    return drawn


def _applications(rng: np.random.Generator, clients: Clients) -> dict[str, Columns]:
    """Both application tables, and the truth behind TARGET."""
    probability = np.zeros(len(clients))
    parts: dict[str, Columns] = {}
    for table, members in (("application_train", ~clients.is_test), ("application_test", clients.is_test)):
        scores = {name: values[members] for name, values in clients.scores.items()}
        made = Application(table).rows(rng, scores)
        made["SK_ID_CURR"] = clients.sk_id_curr[members]
        truth = default_probability(scores, np.asarray(array(made["AMT_GOODS_PRICE"]), np.float64))
        made["TARGET"] = (rng.random(len(truth)) < truth).astype(np.int64)
        probability[members] = truth
        parts[table] = made
    return parts | {TRUE_PD: {"SK_ID_CURR": clients.sk_id_curr, "TRUE_PD": probability}}


def _elsewhere(rng: np.random.Generator, clients: Clients, first_id: int) -> dict[str, Columns]:
    """Credits at other lenders, numbered from *first_id*."""
    credits_ = bureau.credits_of(rng, clients)
    sk_id_bureau = first_id + np.arange(len(credits_))
    ids: Columns = {"SK_ID_CURR": clients.sk_id_curr[credits_.owner], "SK_ID_BUREAU": sk_id_bureau}
    return {
        "bureau": ids | bureau.rows(rng, credits_),
        "bureau_balance": bureau_month.rows(rng, credits_, sk_id_bureau),
    }


def _here(rng: np.random.Generator, clients: Clients, first_id: int) -> tuple[dict[str, Columns], int]:
    """Histories at this lender, and how many contract numbers they use from *first_id* on."""
    asked = previous.asked(rng, clients)
    offered = contract.terms(rng, asked, clients)
    rows = len(asked)
    made: Columns = {"SK_ID_PREV": first_id + np.arange(rows), "SK_ID_CURR": clients.sk_id_curr[asked.owner]}
    made |= contract.amounts(rng, asked, offered)
    made |= contract.dates(rng, asked, offered)
    made |= shop.columns(rng, asked, offered)
    made |= shop.rest(rng, made, rows)
    approved = asked.outcome == previous.APPROVED
    contracts = Contracts(
        sk_id_prev=(first_id + np.arange(rows))[approved],
        sk_id_curr=clients.sk_id_curr[asked.owner][approved],
        owner=asked.owner[approved],
        start=asked.day[approved],
        instalments=offered.instalments[approved],
        paid=offered.paid[approved],
        annuity=offered.annuity[approved],
    )
    kept = ~(approved & (rng.random(rows) < previous.LOST[asked.kind]))
    tables = {"previous_application": taken(made, kept)}
    return tables | _balances(rng, contracts, clients), rows


def _balances(rng: np.random.Generator, contracts: Contracts, clients: Clients) -> dict[str, Columns]:
    """Monthly balances and payments of all contracts."""
    loans = contracts.where(contracts.instalments > 0)
    cards = contracts.where(contracts.instalments == 0)
    late = instalments.lateness(rng, loans, clients)
    months = card.monthly(rng, cards, clients)
    card_late = instalments.lateness(rng, cards, clients)
    card_of_month = np.searchsorted(cards.sk_id_prev, array(months["SK_ID_PREV"]))
    paid = instalments.payments(rng, loans, late)
    card_paid = card.payments(rng, months, card_late[card_of_month])
    return {
        "POS_CASH_balance": instalments.monthly(rng, loans, late),
        "credit_card_balance": months,
        "installments_payments": {
            name: np.concatenate([array(values), array(card_paid[name])]) for name, values in paid.items()
        },
    }
