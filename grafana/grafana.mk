GRAFANA := .tools/grafana-venv/bin
GRAFANA_READY := .tools/grafana-venv/ready
GRAFANA_TYPES := .tools/grafana-types

##@ Test it

.PHONY: dashboards-check
dashboards-check: $(GRAFANA_READY) $(GRAFANA_TYPES)/ready ##- Checks the dashboards against their builders and Grafana's schema
	$(GRAFANA)/ruff check --quiet grafana/build
	$(GRAFANA)/ruff format --quiet --check grafana/build
	$(GRAFANA)/python grafana/build/dashboards.py --check
	$(GRAFANA)/python grafana/build/schema.py $(GRAFANA_TYPES)
	cd $(GRAFANA_TYPES) && node_modules/.bin/tsc

##@ Work on it

.PHONY: dashboards
dashboards: $(GRAFANA_READY) ##- Writes Grafana's dashboards from their builders
	$(GRAFANA)/ruff check --quiet --fix grafana/build
	$(GRAFANA)/ruff format --quiet grafana/build
	$(GRAFANA)/python grafana/build/dashboards.py

$(GRAFANA_READY): grafana/build/requirements.txt
	python3 -m venv --clear $(@D)
	$(GRAFANA)/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(GRAFANA_TYPES)/ready: grafana/build/schema/package.json grafana/build/schema/tsconfig.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm install --prefix $(@D) --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@
