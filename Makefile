# The two commands: `make run` and `make test`. Both need only python3 (3.11 or newer) and make.
PY   ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

VENV   := .venv
BIN    := $(VENV)/bin
UV     := tools/uv.sh
NODE   := tools/with_node.sh
STATIC := app/static/index.html
WEB_SOURCES := $(shell find web/src web/public web/index.html web/verifier.html web/*.ts web/tsconfig*.json -type f 2>/dev/null)

# A home that is not there would send every cache to a folder that cannot be made.
ifeq ($(and $(HOME),$(wildcard $(HOME)/.)),)
export HOME := $(CURDIR)/$(VENV)/home
endif

# No word about newer npm between the lines that matter.
export NPM_CONFIG_UPDATE_NOTIFIER := false

# make run TLS=self, or make run TLS_CERT=chain.pem TLS_KEY=key.pem
SERVE := --demo --host $(HOST) --port $(PORT)
ifneq ($(TLS),)
SERVE += --tls $(TLS)
endif
ifneq ($(TLS_CERT),)
SERVE += --tls-cert $(TLS_CERT)
endif
ifneq ($(TLS_KEY),)
SERVE += --tls-key $(TLS_KEY)
endif

.PHONY: run test check fmt install dev page verifier lock contract migration screenshots sweep bench bench-media clean
.DELETE_ON_ERROR:

run: $(VENV)/.run $(STATIC)
	$(BIN)/expert-draw serve $(SERVE)

test: check $(STATIC)
	cd web && ../$(NODE) npx --no-install vitest run
	EXPERT_DRAW_CHROMIUM="$$(tools/chromium.sh)" && export EXPERT_DRAW_CHROMIUM && \
	EXPERT_DRAW_TURNSERVER="$$(tools/turnserver.sh || true)" && export EXPERT_DRAW_TURNSERVER && $(BIN)/python -m pytest

check: $(VENV)/.dev web/node_modules/.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/expert-draw contract --check
	cd web && ../$(NODE) npx --no-install vue-tsc --noEmit

fmt: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Set-up alone: all that `make run` needs before it serves, and what `make test` needs beyond it.
install: $(VENV)/.run $(STATIC)
dev: $(VENV)/.dev
page: $(STATIC)

# The verifier for people off line, one file: built anew, its SHA-256 printed and put into both READMEs.
verifier: web/node_modules/.stamp
	cd web && ../$(NODE) npm run -s verifier -- --outDir ../app/static --logLevel error
	$(PY) tools/verifier_hash.py --write

contract: $(VENV)/.run web/node_modules/.stamp
	$(BIN)/expert-draw contract

# After a change of tables: make migration MESSAGE="what it adds" writes the next revision of each
# database that changed; without a message the first revisions are written anew.
migration: $(VENV)/.dev
	$(BIN)/python tools/migration.py $(if $(MESSAGE),"$(MESSAGE)")

# Every page in every state, in both languages, more thoroughly than `make test`: 150 %, telephone, keyboard, contrast.
sweep: $(VENV)/.dev $(STATIC)
	EXPERT_DRAW_CHROMIUM="$$(tools/chromium.sh)" && export EXPERT_DRAW_CHROMIUM && $(BIN)/python -m pytest -m sweep tests/face

# Pictures of docs/img, taken while the story test runs.
screenshots: $(VENV)/.dev $(STATIC)
	EXPERT_DRAW_CHROMIUM="$$(tools/chromium.sh)" && export EXPERT_DRAW_CHROMIUM && $(BIN)/python tools/screenshots.py

# One table of what was measured; `make bench ROWS=draw.full` for some of it.
bench: $(VENV)/.dev $(STATIC)
	ROWS="$(ROWS)" $(BIN)/python -m bench

# Sound and picture beside aiortc's own relay and Debian's Janus: about 13 minutes, root, a quiet machine.
bench-media: $(VENV)/.dev
	tools/media_tools.sh janus ip >&2
	ROWS="$(ROWS)" $(BIN)/python -m bench.media

lock: $(VENV)/.uv
	PY=$(PY) tools/lock.sh

clean:
	rm -rf $(VENV) .venv-node web/node_modules app/static

$(VENV)/.uv: requirements/uv.txt tools/make_venv.sh
	PY=$(PY) tools/make_venv.sh $(VENV) requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml draw_engine/kernel/kernel.c $(VENV)/.uv
	$(UV) pip install -q --require-hashes -r requirements/run.txt
	$(UV) pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m draw_engine.kernel
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(UV) pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

web/node_modules/.stamp: web/package-lock.json web/package.json
	cd web && ../$(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): web/node_modules/.stamp $(WEB_SOURCES)
	cd web && ../$(NODE) npm run -s build -- --outDir ../app/static --emptyOutDir --logLevel warn
	cd web && ../$(NODE) npm run -s verifier -- --outDir ../app/static --logLevel error
	@touch $@
