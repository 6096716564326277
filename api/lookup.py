"""Applications of which only the client's number was sent: the features are what is stored of the client."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from api.application import CLIENT, Application
from api.archive import Archive
from api.reader import ApplicationReader
from credit.errors import InvalidApplication, UnknownClient
from credit.finding import Finding

_UNKNOWN = "no client of this number is known here: send the features, or load the client"


class Lookup:
    """Completes applications from the database, read as strictly as if they had been sent."""

    def __init__(self, archive: Archive, reader: ApplicationReader) -> None:
        self._archive = archive
        self._reader = reader

    def completed(self, applications: Sequence[Application], *, is_single: bool) -> list[Application]:
        """*applications* in order, each with its features.

        `UnknownClient` lists every number that is not known; `InvalidApplication` what stored features break.
        """
        found: list[Application] = []
        unknown: list[Finding] = []
        for index, application in enumerate(applications):
            prefix = "" if is_single else f"clients[{index}]."
            try:
                found.append(
                    self._stored(application, prefix) if application.is_number_alone else application
                )
            except UnknownClient:
                unknown.append(Finding(prefix + CLIENT, "unknown-client", _UNKNOWN))
        if unknown:
            raise UnknownClient(_UNKNOWN, tuple(unknown))
        return found

    def _stored(self, application: Application, prefix: str) -> Application:
        assert application.sk_id_curr is not None, "it is all that was sent"
        client = self._archive.client(application.sk_id_curr)
        values = zip(client.names, client.values, strict=True)
        known = {name: value for name, value in values if value is not None and self._reader.accepts(name)}
        try:
            return self._reader.read(msgspec.json.encode({CLIENT: application.sk_id_curr, **known}))
        except InvalidApplication as error:
            raise InvalidApplication(
                tuple(replace(one, field=prefix + one.field) for one in error.errors)
            ) from None
