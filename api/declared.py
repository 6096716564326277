"""The declared routes' way to a decision, when the hot path is off: the same desk, the same words."""

import bentoml
import msgspec
from starlette.responses import Response

from api.entrance import PARSED, decide
from api.office import ClosedOffice, Office
from api.problem import MEDIA_TYPE, problem_of
from credit.errors import OctroiError


async def answer_declared(office: Office | ClosedOffice, context: bentoml.Context) -> Response:
    """The answer to the request that the entrance has read and checked."""
    scope = context.request.scope
    request = scope[PARSED]
    try:
        if isinstance(office, ClosedOffice):
            raise office.reason
        answer = await decide(office, request)
    except OctroiError as error:
        problem = problem_of(error, scope["path"], request.request_id)
        return Response(msgspec.json.encode(problem), problem.status, media_type=MEDIA_TYPE)
    return Response(msgspec.json.encode(answer), media_type="application/json")
