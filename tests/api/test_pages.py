"""The pages, the documents, and what is not there."""

import json
import re

import bentoml
import pytest
from serving import EXAMPLE

from runners.bundle import Bundle

BODY = json.loads(EXAMPLE.read_text())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("DELETE", "/health", 405),
        ("GET", "/nowhere", 404),
        ("POST", "/nowhere", 404),
    ],
)
def test_a_wrong_path_or_method_is_a_problem_document_too(service, method, path, status):
    response = service.client.request(method, path)

    assert response.status_code == response.json()["status"] == status
    assert response.headers["content-type"] == "application/problem+json"


def test_the_pages_say_what_is_served(service, made):
    bundle = Bundle.open(made.bundle)
    root, health = service.client.get("/").json(), service.client.get("/health").json()
    info = service.client.get("/model-info").json()

    assert root["model_version"] == health["model_version"] == info["model_version"] == bundle.version
    assert health["status"] == "ready"
    assert info["certificate"]["holds"] is True
    assert info["certificate"]["max_difference"] <= 1e-12
    assert info["model_features"] == list(bundle.schema.names[: bundle.schema.width])
    for path in [path for path in root["links"].values() if not path.startswith("/predict")]:
        assert service.client.get(path).status_code == 200


def test_the_openapi_document_knows_every_feature_and_its_limits(service, made):
    document = service.client.get("/openapi.json").json()

    applicant = document["components"]["schemas"]["Applicant"]
    assert set(Bundle.open(made.bundle).schema.names) | {"sk_id_curr"} == set(applicant["properties"])
    assert set(applicant["required"]) == {"AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH"}
    assert applicant["properties"]["EXT_SOURCE_1"]["maximum"] == 1.0
    assert applicant["example"] == BODY
    predict = document["paths"]["/predict"]["post"]
    expected = {"200", *["400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "503"]}
    assert set(predict["responses"]) == expected
    assert "Retry-After" in predict["responses"]["429"]["headers"]
    assert {"in": "header", "name": "x-api-key", "type": "apiKey"} in document["components"][
        "securitySchemes"
    ].values()


@pytest.mark.parametrize(
    ("page", "script"), [("/docs", "swagger-ui-bundle.js"), ("/redoc", "redoc.standalone.js")]
)
def test_the_document_pages_need_no_internet(service, page, script):
    html = service.client.get(page).text

    assert "//" not in re.sub(r"<!doctype html>", "", html)
    assert len(service.client.get(f"/static/{script}").content) > 500_000


def test_bentomls_own_client_is_answered(service):
    with bentoml.SyncHTTPClient(f"http://127.0.0.1:{service.port}") as client:
        assert client.is_ready()
        answer = client.predict(BODY)
        batch = client.predict_batch(clients=[BODY, BODY])

    assert answer["decision"] in {"approve", "refuse"}
    assert [one["probability_default"] for one in batch["decisions"]] == [answer["probability_default"]] * 2
