# The commands of the project. `make` alone lists them.

PYTHON := .venv/bin/python
INSTALLED := .venv/.installed
COMPILE := .venv/bin/uv pip compile -q --universal --generate-hashes --no-header \
	--system-certs pyproject.toml $(ARGS)
export UV_PYTHON_DOWNLOADS := never
# Images often set it; without compiled files every start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-fast check bench bars format lock shell migrate

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(INSTALLED) ## Start the whole application (PORT=8000, HOST=127.0.0.1)
	@exec $(PYTHON) -m tools.demo

demo-reset: $(INSTALLED) ## Forget the demonstration's data and start afresh
	@exec $(PYTHON) -m tools.demo --afresh

test: $(INSTALLED) ## Run the whole suite (ARGS='-k chain' to choose)
	@exec $(PYTHON) -m tools.suite unit services browser -- $(ARGS)

test-fast: $(INSTALLED) ## Run the suite without the browser
	@exec $(PYTHON) -m tools.suite unit services -- $(ARGS)

check: $(INSTALLED) ## Check format, lint, types, contracts, templates, migrations
	@exec $(PYTHON) -m tools.check

bench: $(INSTALLED) ## Measure against the figures of the architecture
	@exec $(PYTHON) -m bench $(ARGS)

bars: $(INSTALLED) ## Try by the thousand what the trail promises (ARGS='--quick flips')
	@exec $(PYTHON) -m bars $(ARGS)

format: $(INSTALLED) ## Format the code and mend what the linter can
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format --quiet .
	-@$(PYTHON) -m djlint --quiet --reformat templates

# What is locked stays as it is: ARGS=--upgrade or ARGS='-P django' moves it.
lock: $(INSTALLED) ## Write the lock files from pyproject.toml
	$(COMPILE) --group dev -o requirements.lock
	$(COMPILE) -c requirements.lock --no-annotate -o requirements.production.lock

shell: $(INSTALLED) ## Open Django's shell on the demonstration's data
	@exec $(PYTHON) manage.py shell

migrate: $(INSTALLED) ## Bring the tables up to date, the cache's included
	$(PYTHON) manage.py migrate
	$(PYTHON) manage.py createcachetable

# uv installs in seconds what pip installs in a minute. It trusts the machine's
# certificates, as companies' proxies need.
$(INSTALLED): requirements.lock
	@test -x .venv/bin/uv || { echo '· Environnement Python dans .venv'; python3 -m venv .venv; }
	@test -x .venv/bin/uv || $(PYTHON) -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'
	@echo '· Bibliothèques de requirements.lock'
	@.venv/bin/uv pip install --quiet --system-certs --python $(PYTHON) --require-hashes -r requirements.lock
	@touch $@
