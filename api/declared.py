"""The declared routes' way to a decision, when the hot path is off: the same desk, the same words."""

import bentoml
import msgspec
from starlette.responses import Response

from api.asgi import PARSED
from api.entrance import decide
from api.office import working_office
from api.problem import problem_response
from credit.errors import OctroiError


async def answer_declared(context: bentoml.Context) -> Response:
    """The answer to the request that the entrance has read and checked."""
    scope = context.request.scope
    try:
        answer = await decide(working_office(), scope[PARSED])
    except OctroiError as error:
        return problem_response(error, scope)
    return Response(msgspec.json.encode(answer), media_type="application/json")
