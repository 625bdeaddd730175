# Two commands do everything: `make run` starts the site, `make test` proves it.
# Needs Python 3.11 or newer with venv; everything else is installed into .venv from locked files.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Checks need settings, but neither the site's data nor its servers.
APART := env -u DATABASE_URL -u REDIS_URL DATA_DIR=$(VENV)/checks
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

# Installs a locked file unless the very same one was installed last. Compiled on all cores, which
# pip does on one; what a package brings that is no Python for us is left as it is.
install = @cmp -s $(1) $(VENV)/$(1) || { echo "Installing $(1)" >&2 && \
	$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $(1) && \
	{ $(PY) -m compileall -qq -j 0 -x '/tests/|/phonenumbers/(geo|carrier|tz)data/' $(VENV)/lib || true; } && \
	cp $(1) $(VENV)/$(1); }

.PHONY: run test lint e2e chaos bench races walk fakellm lock messages venv runtime dev chromium

run: runtime
	@exec $(PY) manage.py up --bound

# Lint is shown when it is through, while the tests go on.
test: dev chromium
	@{ $(MAKE) --no-print-directory lint > $(VENV)/lint.txt 2>&1; linted=$$?; \
	echo; cat $(VENV)/lint.txt; exit $$linted; } & linting=$$!; \
	$(PY) -m tests; tested=$$?; \
	wait $$linting || { echo "Lint has failed, see above or $(VENV)/lint.txt" >&2; exit 1; }; exit $$tested

lint: dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(APART) $(VENV)/bin/mypy .
	$(APART) $(PY) manage.py makemigrations --check --dry-run
	$(APART) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

e2e: dev chromium
	$(VENV)/bin/pytest -m journey

# 10,000 jobs unless ARGS says otherwise, as in ARGS="--jobs 500 --kills 20".
chaos: dev
	$(PY) -m bench.chaos $(ARGS)

# Real dialogues through every stage, strategy and judge with a mock endpoint, to the agreement.
walk: dev
	$(PY) -m bench.walk

# About an hour on a quiet machine; PEERBENCH_RESULTS=folder puts other platforms beside ours.
bench: dev
	$(PY) -m bench
	$(PY) -m bench.peers --out var/peers.json
	$(PY) -m bench.peers --read var/peers.json --table
	$(PY) -m bench.scale
	$(PY) -m bench.agreement
	$(PY) -m bench.waiting
	$(PY) -m bench.profiling
	$(PY) -m bench.machine
	$(PY) -m bench.pacing

# Places that many want at once, and answers that are sent again while processes are killed.
races: dev
	$(PY) -m bench.races $(ARGS)
	$(PY) -m bench.submits $(ARGS)

# A model to try things on: `make fakellm ARGS="--latency-ms 500 --faults 429:0.1"`.
fakellm: dev
	@exec $(PY) -m bench.fakellm --port 8099 --honest $(ARGS)

# Collects what is said to people, and compiles its translations; see docs/languages.md.
messages: dev
	mkdir -p locale
	$(APART) $(PY) manage.py makemessages -l ko -l ja -l zh_Hans -l es --add-location file --no-wrap \
	--no-obsolete --ignore .venv --ignore var --ignore tests --ignore bench
	for po in locale/*/LC_MESSAGES/django.po; do \
	msgattrib --sort-output --no-wrap --no-obsolete $$po | sed '/^"POT-Creation-Date/d' > $$po.new && mv $$po.new $$po; done
	$(APART) $(PY) manage.py compilemessages --ignore .venv --ignore var

lock:
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -c requirements.txt -o requirements-dev.txt

venv:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Firsthand needs Python 3.11 or newer, but $(PYTHON) is " + sys.version.split()[0])'
	@$(PY) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)

runtime: venv
	$(call install,requirements.txt)

# Compiled once: where Python is told to write no bytecode, every process would do it again.
dev: venv
	$(call install,requirements-dev.txt)
	@$(PY) -m compileall -q $(dir $(wildcard */__init__.py))

# Journeys need a browser. Where it can't be had they are skipped, and listed with the reason.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium" >&2 && \
	timeout 300 apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive \
	timeout 600 apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	echo "No Chromium, and it can't be installed here: browser tests will be skipped" >&2
