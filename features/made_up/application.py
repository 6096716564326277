"""The application tables: one row per client, from the client's scores."""

from collections.abc import Mapping

import numpy as np

from features.made_up import building, marginal, money, normal
from features.made_up.columns import Columns, Values, Words, array, missing
from features.made_up.latent import Scores
from features.made_up.normal import Floats
from features.made_up.statistics import SENTINEL, SHARES, Column, load

_TRAIN = "application_train"
_COUPLES = ("Civil marriage", "Married")
_ALONE = ("Single / not married", "Separated", "Widow")
"""Both from the young to the old."""
_NOT_WORKING = ("Pensioner", "Unemployed")
_CIRCLE = (
    "OBS_30_CNT_SOCIAL_CIRCLE",
    "DEF_30_CNT_SOCIAL_CIRCLE",
    "OBS_60_CNT_SOCIAL_CIRCLE",
    "DEF_60_CNT_SOCIAL_CIRCLE",
)
_YEAR = 365.25
_STEPS = {"REGION_POPULATION_RELATIVE": 0.000001}


class Application:
    """Makes the rows of one application table."""

    def __init__(self, table: str = _TRAIN) -> None:
        self.table = table
        self.statistics = load().tables[table]
        self._order = {name: marginal.by_risk(column) for name, column in load().tables[_TRAIN].items()}

    def rows(self, rng: np.random.Generator, scores: Scores) -> Columns:
        """All columns of the table but the ids and TARGET."""
        made: Columns = {}
        made |= self._person(scores)
        made |= self._work(rng, scores, made)
        made |= money.amounts(rng, scores, self.statistics)
        made |= building.block(rng, scores, self.statistics)
        made |= self._circle(rng, scores)
        made |= self._ratings(rng, scores)
        made |= self._bureau_answers(rng, scores)
        for name, column in self.statistics.items():
            if name not in made:
                made[name] = self._column(rng, column, scores)
        return made

    def _column(self, rng: np.random.Generator, column: Column, scores: Scores) -> Values:
        """A column by its own score, or by chance where it has none."""
        clients = len(scores["QUALITY"])
        score = scores[column.name] if column.name in scores else rng.standard_normal(clients)
        return missing(self._values(column.name, score), rng.random(clients) < column.null)

    def _values(self, name: str, score: Floats) -> Values:
        column = self.statistics[name]
        if column.is_category:
            return marginal.choice(column, self._order[name])(score)
        return marginal.numeric(column, _STEPS.get(name))(score)

    def _person(self, scores: Scores) -> Columns:
        age = self._values("DAYS_BIRTH", scores["DAYS_BIRTH"])
        family = self._family(scores)
        children = self._values("CNT_CHILDREN", scores["CNT_CHILDREN"])
        car = self._values("FLAG_OWN_CAR", scores["FLAG_OWN_CAR"])
        car_age = self._values("OWN_CAR_AGE", scores["OWN_CAR_AGE"])
        assert isinstance(car, Words)
        made: Columns = {
            "DAYS_BIRTH": age,
            "NAME_FAMILY_STATUS": family,
            "CNT_CHILDREN": children,
            "CNT_FAM_MEMBERS": np.asarray(array(children) + 1.0 + family.equals(*_COUPLES), np.float64),
            "FLAG_OWN_CAR": car,
            "OWN_CAR_AGE": missing(car_age, car.equals("N")),
        }
        for name in ("DAYS_REGISTRATION", "DAYS_ID_PUBLISH"):
            made[name] = np.maximum(array(self._values(name, scores[name])), array(age))
        return made

    def _family(self, scores: Scores) -> Words:
        column = self.statistics["NAME_FAMILY_STATUS"]
        couple = scores["COUPLE"] > normal.quantile(1.0 - _share(column, *_COUPLES))
        together = marginal.choice(column, _COUPLES)(scores["FAMILY"])
        alone = marginal.choice(column, _ALONE)(scores["FAMILY"])
        codes = np.where(couple, together.codes, alone.codes + np.int16(len(together.words)))
        return Words(codes, (*together.words, *alone.words))

    def _work(self, rng: np.random.Generator, scores: Scores, person: Mapping[str, Values]) -> Columns:
        """Income type, employment, employer and occupation, which are absent together for pensioners."""
        incomes = self.statistics["NAME_INCOME_TYPE"]
        resting = _share(incomes, *_NOT_WORKING)
        idle = scores["PENSION"] > normal.quantile(1.0 - resting)
        unemployed = idle & (rng.random(len(idle)) < _share(incomes, "Unemployed") / max(resting, 1e-9))
        working = marginal.choice(incomes, self._order["NAME_INCOME_TYPE"], _NOT_WORKING)
        employer = marginal.choice(
            self.statistics["ORGANIZATION_TYPE"], self._order["ORGANIZATION_TYPE"], ("XNA",)
        )
        occupation = self._values("OCCUPATION_TYPE", scores["OCCUPATION_TYPE"])
        income_type = working(scores["NAME_INCOME_TYPE"]).replaced(idle, "Pensioner")
        silent = (self.statistics["OCCUPATION_TYPE"].null - resting) / (1.0 - resting)
        return {
            "NAME_INCOME_TYPE": income_type.replaced(unemployed, "Unemployed"),
            "ORGANIZATION_TYPE": employer(scores["ORGANIZATION_TYPE"]).replaced(idle, "XNA"),
            "FLAG_EMP_PHONE": np.where(idle, 0.0, 1.0),
            "DAYS_EMPLOYED": np.where(idle, SENTINEL, self._employed(scores["DE"], person)),
            "OCCUPATION_TYPE": missing(
                occupation, idle | (scores["OCCUPATION_ABSENT"] < normal.quantile(silent))
            ),
        }

    def _employed(self, score: Floats, person: Mapping[str, Values]) -> Floats:
        """Days employed, negative, of people who work; nobody started before 16."""
        column = self.statistics["DAYS_EMPLOYED"]
        working = np.array(column.quantiles) < 0
        shares = np.array(SHARES)[working] / (1.0 - column.sentinel)
        days = np.array(column.quantiles)[working]
        latest = load().deciles["DE"][-1].bound
        known = marginal.numbers(np.array([*shares, 0.999]), np.array([*days, latest]), 1.0)
        return np.maximum(known(score), array(person["DAYS_BIRTH"]) + round(16 * _YEAR))

    def _circle(self, rng: np.random.Generator, scores: Scores) -> Columns:
        """People around the client seen late by 30 and 60 days: each count within the one before."""
        columns = [self.statistics[name] for name in _CIRCLE]
        observed = np.asarray(marginal.numeric(columns[0])(scores["SOCIAL_OBS"]))
        observed_60 = observed - ((observed > 0) & (rng.random(len(observed)) < 0.02))
        late = _late(columns[1], columns[0], scores["SOCIAL_DEF"], observed)
        longer = _late(columns[3], columns[0], scores["SOCIAL_DEF"], observed_60)
        absent = rng.random(len(observed)) < columns[0].null
        values = (observed, late, observed_60, np.minimum(longer, late))
        return {name: missing(counts, absent) for name, counts in zip(_CIRCLE, values, strict=True)}

    def _ratings(self, rng: np.random.Generator, scores: Scores) -> Columns:
        score = scores["REGION_RATING_CLIENT"]
        city = normal.blurred(rng, score, 0.98)
        return {
            "REGION_RATING_CLIENT": self._values("REGION_RATING_CLIENT", score),
            "REGION_RATING_CLIENT_W_CITY": self._values("REGION_RATING_CLIENT_W_CITY", city),
        }

    def _bureau_answers(self, rng: np.random.Generator, scores: Scores) -> Columns:
        """What the bureau answered: hardly anything on clients it does not know."""
        unknown = scores["BUREAU_ABSENT"]
        blurred = normal.blurred(rng, unknown, 0.95)
        made: Columns = {}
        for name in (name for name in self.statistics if name.startswith("AMT_REQ_")):
            score = scores[name] if name in scores else rng.standard_normal(len(unknown))
            silent = unknown > normal.quantile(1.0 - self.statistics[name].null)
            made[name] = missing(self._values(name, score), silent)
        silences = {"EXT_SOURCE_3": blurred, "EXT_SOURCE_1": scores["EXT_SOURCE_1_ABSENT"]}
        for name, score in silences.items():
            silent = score > normal.quantile(1.0 - self.statistics[name].null)
            made[name] = missing(self._values(name, scores[name]), silent)
        return made


def _share(column: Column, *words: str) -> float:
    return sum(share for word, share in zip(column.words, column.shares, strict=True) if word in words)


def _late(column: Column, observed_column: Column, score: Floats, observed: Floats) -> Floats:
    """Late people among the observed ones: the column's shares, all of them where any was observed."""
    any_share = 1.0 - observed_column.zero
    rest = np.array(column.shares[1:]) / any_share
    steps = marginal.Steps(marginal.cuts([1.0 - rest.sum(), *rest]), np.array(column.values))
    return np.minimum(steps(score), observed)
