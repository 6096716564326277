"""The files of each place to run in are valid, and agree with the image and with the settings."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from serving import ROOT
from uncovered import uncovered

from deploy.container import HARDENED
from settings import Settings, variable_of

BIN = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
VARIABLES = {variable_of(name) for name in Settings.model_fields}


def tool(name, *arguments):
    return subprocess.run([str(BIN / name), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)


def schema_of(name, *files):
    return tool("check-jsonschema", "--builtin-schema", f"vendor.{name}", *files)


def kustomized(folder=DEPLOY / "kubernetes"):
    done = tool("kubectl", "kustomize", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def objects():
    """The objects of Kubernetes, by kind and name."""
    found = yaml.safe_load_all(kustomized())
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def test_the_composition_is_valid_and_a_mistake_in_it_is_not(tmp_path):
    composed = DEPLOY / "compose.yml"
    wrong = tmp_path / "compose.yml"
    wrong.write_text(composed.read_text().replace("read_only: true", "read_onyl: true"))

    assert schema_of("compose-spec", composed).returncode == 0
    assert schema_of("compose-spec", wrong).returncode == 1


def test_the_composition_runs_the_service_with_nothing_it_does_not_need():
    service = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]["octroi"]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert f"--memory={service['mem_limit']}" in HARDENED
    assert f"--pids-limit={service['pids_limit']}" in HARDENED
    assert service["tmpfs"] == ["/tmp:size=64m"]  # noqa: S108  # a mount, not a file
    assert service["volumes"] == ["records:/var/lib/octroi"]
    assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert service["environment"].keys() <= VARIABLES
    assert all(port.startswith("${OCTROI_ADDRESS:-127.0.0.1}:") for port in service["ports"])


def test_the_composition_shows_the_dashboard_on_request_and_lets_it_write_nothing():
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    service, dashboard = services["octroi"], services["dashboard"]

    assert dashboard["profiles"] == ["dashboard"]
    for name in ("read_only", "tmpfs", "cap_drop", "security_opt", "mem_limit", "pids_limit", "secrets"):
        assert dashboard[name] == service[name]
    assert dashboard["volumes"] == ["records:/var/lib/octroi:ro"]
    assert dashboard["environment"].keys() <= VARIABLES
    assert dashboard["environment"]["OCTROI_API_KEYS_FILE"] == "/run/secrets/api_keys"
    assert all(port.startswith("${OCTROI_ADDRESS:-127.0.0.1}:") for port in dashboard["ports"])


def test_the_dockerfile_of_the_dashboard_has_no_known_fault(tmp_path):
    own = DEPLOY / "dashboard.Dockerfile"
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(own.read_text().replace("WORKDIR /opt/dashboard", "RUN cd dashboard"))

    assert tool("hadolint", own).returncode == 0
    assert tool("hadolint", wrong).returncode == 1


def test_kubernetes_takes_every_object(tmp_path):
    rendered = tmp_path / "all.yaml"
    rendered.write_text(kustomized())
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(kustomized().replace("terminationGracePeriodSeconds", "terminationGracePeriod"))

    assert (
        tool("kubernetes-validate", "--strict", rendered, DEPLOY / "kubernetes/secret.yaml").returncode == 0
    )
    assert tool("kubernetes-validate", "--strict", wrong).returncode != 0


def test_pods_run_with_nothing_they_do_not_need(objects):
    pod = objects["StatefulSet", "octroi"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 1000
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"] == "1Gi"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    drain_s = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= drain_s + 20


def test_a_pod_that_comes_back_has_the_journal_of_the_one_that_went(objects):
    spec = objects["StatefulSet", "octroi"]["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    mounts = {
        mount["name"]: mount["mountPath"]
        for mount in spec["template"]["spec"]["containers"][0]["volumeMounts"]
    }

    assert mounts[claim["metadata"]["name"]] == "/var/lib/octroi"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert spec["serviceName"] == "octroi-pods"
    assert objects["Service", "octroi-pods"]["spec"]["clusterIP"] == "None"


def test_what_selects_the_pods_selects_them(objects):
    labels = objects["StatefulSet", "octroi"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        objects["Service", "octroi"]["spec"]["selector"],
        objects["Service", "octroi-pods"]["spec"]["selector"],
        objects["PodDisruptionBudget", "octroi"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector
        assert selector.items() <= labels.items()
    target = objects["HorizontalPodAutoscaler", "octroi"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in objects


def test_kubernetes_sets_only_variables_that_are_read(objects):
    secret = yaml.safe_load((DEPLOY / "kubernetes/secret.yaml").read_text())

    assert objects["ConfigMap", "octroi"]["data"].keys() <= VARIABLES
    assert secret["stringData"].keys() <= VARIABLES


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_valid_and_ends_in_time(path):
    assert schema_of("github-workflows", path).returncode == 0
    timed = tool("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", path)
    assert timed.returncode == 0, timed.stdout


def test_the_watch_over_dependencies_is_valid():
    assert schema_of("dependabot", ROOT / ".github" / "dependabot.yml").returncode == 0


def test_no_weakness_is_known_in_the_workflows_and_one_that_is_made_is_found(tmp_path):
    careless = tmp_path / ".github" / "workflows" / "release.yml"
    careless.parent.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    careless.write_text(re.sub(r"(actions/checkout)@\w+ # v\S+", r"\1@main", text))

    assert tool("zizmor", "--offline", ROOT / ".github").returncode == 0
    found = tool("zizmor", "--offline", "--format", "json", tmp_path / ".github")
    assert "unpinned-uses" in {finding["ident"] for finding in json.loads(found.stdout)}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_commands_that_exist(path):
    targets = set(re.findall(r"^([a-z-]+):.*?##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    commands = re.findall(r"\bmake (?:--silent )?((?:[a-z-]+ ?)+)", path.read_text())

    matrices = [
        job.get("strategy", {}).get("matrix", {}) for job in yaml.safe_load(path.read_text())["jobs"].values()
    ]

    assert {word for command in commands for word in command.split()} <= targets
    assert {target for matrix in matrices for target in matrix.get("target", [])} <= targets


def test_the_space_and_render_run_the_image_on_the_port_they_expect():
    front = yaml.safe_load((DEPLOY / "huggingface/README.md").read_text().split("---")[1])
    space = (DEPLOY / "huggingface/Dockerfile").read_text()
    (service,) = yaml.safe_load((ROOT / "render.yaml").read_text())["services"]
    environment = {variable["key"]: variable for variable in service["envVars"]}

    assert front["sdk"] == "docker"
    assert f"PORT={front['app_port']} " in space
    assert environment["PORT"]["value"] == "10000"
    assert environment["API_KEY"] == {"key": "API_KEY", "generateValue": True}
    assert environment.keys() <= VARIABLES
    assert service["disk"]["mountPath"] == "/var/lib/octroi"
    assert service["healthCheckPath"] == "/readyz"


def test_the_bill_of_materials_names_every_package_of_the_image(tmp_path):
    out = tmp_path / "sbom.json"
    done = subprocess.run(
        [sys.executable, "-m", "deploy", "sbom", str(out)], cwd=ROOT, env=uncovered(), capture_output=True
    )
    assert done.returncode == 0, done.stderr

    bill = json.loads(out.read_text())
    locked = re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert bill["bomFormat"] == "CycloneDX"
    assert len(locked) > 50
    assert {(part["name"], part["version"]) for part in bill["components"]} == set(locked)
