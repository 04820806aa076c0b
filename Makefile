# The interface of this project for people and for CI.

# Quiet, and the same on a terminal and in CI.
MVN := mvn --batch-mode --no-transfer-progress
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)

ATTACH := agent-config/target/attach
# The same for dice in its container, where the folder is mounted at /otel.
ATTACH_CONTAINER := agent-config/target/container
# What a deployment keeps from others: never committed, and not removed by clean.
PASSWORD := .secrets/grafana-admin-password
BUILT := target/built
COMPOSE = GRAFANA_ADMIN_PASSWORD_FILE=$(abspath $(PASSWORD)) tools/compose
PUBLISHED := $(or $(PUBLISH_ADDRESS),127.0.0.1)
GRAFANA := .tools/grafana-venv/bin
GRAFANA_READY := .tools/grafana-venv/ready
GRAFANA_TYPES := .tools/grafana-types
# Not part of what runs the stack: its libraries are large.
LAB := compare/by-hand compare/planted compare/benchmarks compare
LAB_SOURCES := $(shell find compare -type f \( -name pom.xml -o -name '*.patch' -o -path '*/src/main/*' \) \
	-not -path '*/target/*')
LAB_BUILT := target/compare-built
COMPARE = $(JAVA) -jar compare/target/compare.jar
COMPARE_RUN = $(or $(RUN),.run/compare)
FLASK := .tools/flask-venv
FLASK_READY := $(FLASK)/ready
CHECK_CONFIG = tools/check-agent-config $(ATTACH)/jvm.args -cp dice-undertow/target/dice.jar
CHECKED := target/agent-config-checked
# One for each JDK that was used here: an archive fits no other.
ARCHIVED := target/class-archive-$(shell { cat "$$(dirname "$$(readlink -f "$$(command -v $(JAVA))")")/../release"; } 2>/dev/null | cksum | cut -d' ' -f1)
# Everything that ends up in what is built.
SOURCES := $(shell find pom.xml .mvn dice-undertow agent-config e2e -type f \
	\( -name pom.xml -o -name '*.config' -o -path '*/src/main/*' -o -path 'agent-config/*' \) \
	-not -path '*/target/*' -not -name '*.md')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Lists the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: $(BUILT) $(CHECKED) $(ARCHIVED) ## Runs dice under the agent with Jaeger and Prometheus, until Ctrl-C
	@exec $(JAVA) -jar e2e/target/e2e.jar

.PHONY: compose-up
compose-up: image $(PASSWORD) ## Runs the whole stack in containers, with Grafana; WITH_TRAFFIC=1 rolls on
	@$(COMPOSE) $(if $(WITH_TRAFFIC),--profile traffic) up --detach --wait
	@echo "dice          http://$(PUBLISHED):$(or $(PORT),5000)/"
	@echo "Grafana       http://$(PUBLISHED):$(or $(GRAFANA_PORT),3000)/d/health    user admin, password in $(PASSWORD)"
	@echo "Jaeger        http://$(PUBLISHED):$(or $(JAEGER_PORT),16686)/search?service=dice&lookback=1h"
	@echo "Prometheus    http://$(PUBLISHED):$(or $(PROMETHEUS_PORT),9090)/alerts"
	@echo "Alertmanager  http://$(PUBLISHED):$(or $(ALERTMANAGER_PORT),9093)/"

.PHONY: compose-down
compose-down: ## Stops the containers; what they have stored stays
	@$(COMPOSE) --profile traffic down

.PHONY: compose-test
compose-test: $(ATTACH_CONTAINER)/jvm.args ## Runs the containers for real, breaks them, and sees what that costs; needs root
	@if tools/docker-engine; then \
		tools/offline-images && $(MAKE) image; \
	else echo "The tests that need a Docker engine are skipped."; fi
	@# One after the other: each breaks a whole stack, and waits for others to notice.
	$(MVN) verify -pl e2e -am -Dtests.left-out=none -Dgroups=compose -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
		-Djunit.jupiter.execution.parallel.enabled=false

.PHONY: scale-test
scale-test: scale-engines ## Breaks the form for more than one machine, with real Kafka, Cassandra and Thanos, and counts what that costs
	$(MVN) verify -pl e2e -am -Dtests.left-out=none -Dgroups=scale -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
		-Djunit.jupiter.execution.parallel.enabled=false

.PHONY: scale-measure
scale-measure: scale-engines ## Measures what traces and series take here, in the small form and that of many machines
	$(MVN) verify -pl e2e -am -Dtests.left-out=none -Dgroups=throughput -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
		-Djunit.jupiter.execution.parallel.enabled=false

# The jars of Kafka and Cassandra are the tests' own, of hundreds of libraries: not among what is built.
.PHONY: scale-engines
scale-engines:
	for engine in kafka cassandra; do \
		$(MVN) --quiet --file e2e/scale/$$engine dependency:copy-dependencies \
			-DoutputDirectory=$(abspath e2e/target/scale)/$$engine || exit 1; \
	done

.PHONY: image-digests
image-digests: ## Pins each image in .env to the digest of its tag; run it again after you change a tag
	tools/image-digests

.PHONY: test
test: check-rules ## Builds all and runs every test that needs no Docker
	tools/find-program jaeger >/dev/null
	$(MVN) verify

.PHONY: health-test
health-test: ## Breaks a running stack in eight ways and sees the alert of each fault
	$(MVN) verify -pl e2e -am -Dtests.left-out=none -Dgroups=health -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: health-soak
health-soak: ## Sees that ten minutes of healthy traffic alert nobody
	$(MVN) verify -pl e2e -am -Dtests.left-out=none -Dgroups=soak -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: check-rules
check-rules: ## Checks and tests the rules of Prometheus and Alertmanager
	tools/check-rules

.PHONY: build
build: $(BUILT) ## Builds the jars and the folder that attaches the agent

.PHONY: check-config
check-config: $(BUILT) ## Lets the real agent read its configuration, and the variables that are set
	@$(CHECK_CONFIG)

.PHONY: fault
fault: $(BUILT) ## Breaks the running dice from outside: FAULT=errors, slow, loaded, hang, memory, kill, jaeger, none
	@exec $(JAVA) -cp e2e/target/e2e.jar lapalma.stack.Fault "$(FAULT)"

.PHONY: format
format: ## Formats the Java sources
	$(MVN) --quiet spotless:apply

.PHONY: dashboards
dashboards: $(GRAFANA_READY) ## Writes Grafana's dashboards anew from their builders
	$(GRAFANA)/ruff check --quiet --fix grafana/build
	$(GRAFANA)/ruff format --quiet grafana/build
	$(GRAFANA)/python grafana/build/dashboards.py

.PHONY: dashboards-check
dashboards-check: $(GRAFANA_READY) $(GRAFANA_TYPES)/ready ## Checks the dashboards against builders and schema
	$(GRAFANA)/ruff check --quiet grafana/build
	$(GRAFANA)/ruff format --quiet --check grafana/build
	$(GRAFANA)/python grafana/build/dashboards.py --check
	$(GRAFANA)/python grafana/build/schema.py $(GRAFANA_TYPES)
	cd $(GRAFANA_TYPES) && node_modules/.bin/tsc

.PHONY: health-picture
health-picture: $(GRAFANA_READY) ## Draws docs/health.png from a Prometheus, FROM=http://127.0.0.1:9090
	$(GRAFANA)/python grafana/build/draw_health.py --prometheus "$(or $(FROM),http://127.0.0.1:9090)"

.PHONY: compare
compare: $(LAB_BUILT) $(FLASK_READY) ## Compares agents, hours; stop it and start it again at will: RUN=a new folder VARIANTS=otel,splunk
	@# Exit code 3: a variant has failed. The others are reported; a run that was refused has no report.
	$(COMPARE) run --out "$(COMPARE_RUN)" $(VARIANTS:%=--variant %); code=$$?; \
	  case $$code in 0 | 3) $(COMPARE) report "$(COMPARE_RUN)" || exit ;; esac; exit $$code

.PHONY: compare-smoke
compare-smoke: $(LAB_BUILT) ## Sees in two minutes that the comparison works
	rm -rf .run/compare-smoke
	$(COMPARE) run --smoke --rounds 1 --variant bare,otel-agent-config --out .run/compare-smoke
	$(COMPARE) report .run/compare-smoke
	@# A server span of each scripted request, and the route of each that has one.
	grep -q '^| OpenTelemetry, agent-config [^|]*| 18 of 18 | 15 of 15 |' .run/compare-smoke/report.md

.PHONY: compare-check
compare-check: $(LAB_BUILT) ## Checks the lab itself, hours: nothing where nothing differs, 5 % where 5 % is planted
	$(COMPARE) planted --out .run/compare-planted
	$(COMPARE) aa --out .run/compare-aa

.PHONY: compare-bench
compare-bench: $(LAB_BUILT) ## Times the extension's advice and one roll, without a server
	$(JAVA) -jar compare/benchmarks/target/benchmarks.jar -prof gc

.PHONY: agent-upgrade
agent-upgrade: ## Takes another agent, VERSION=2.33.1, with its sum, and runs the tests
	tools/upgrade-agent "$(VERSION)"
	$(MAKE) test

.PHONY: clean
clean: ## Removes builds, installed programs and data; containers, their volumes and .secrets stay
	rm -rf .tools .run target */target */*/target

$(BUILT): $(SOURCES)
	@echo "Building …"
	@$(MVN) --quiet package -DskipTests $(LAB:%=-pl '!%')
	@mkdir -p $(@D) && touch $@

$(LAB_BUILT): $(BUILT) $(LAB_SOURCES)
	@echo "Building the comparison …"
	@$(MVN) --quiet package -DskipTests -am $(LAB:%=-pl %)
	@touch $@

$(ATTACH_CONTAINER)/jvm.args: $(BUILT)
	@$(MVN) --quiet package -DskipTests -pl agent-config -am -Dattach=$(abspath $(@D)) -Dattach.at=/otel
	@touch $@

$(PASSWORD):
	@mkdir -p $(@D)
	@chmod 700 $(@D)
	@# Readable in the container, whose user is another than the one who types this.
	@(umask 022 && head -c 18 /dev/urandom | base64 >$@)

# It only saves time: dice starts without it.
$(ARCHIVED): $(BUILT)
	@$(JAVA) -jar $(ATTACH)/class-archive.jar $(ATTACH)/agent.aot dice-undertow/target/dice.jar || \
		echo "dice starts without a class archive."
	@rm -f target/class-archive*
	@touch $@

$(CHECKED): $(BUILT) tools/check-agent-config
	@$(CHECK_CONFIG)
	@touch $@

$(GRAFANA_READY): grafana/build/requirements.txt
	python3 -m venv --clear $(@D)
	$(GRAFANA)/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(GRAFANA_TYPES)/ready: grafana/build/schema/package.json grafana/build/schema/tsconfig.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm install --prefix $(@D) --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@

# AWS. Inputs stand in SETTINGS; ARGS goes to ansible-playbook: ARGS="-e @secrets.yml --ask-vault-pass".
ANSIBLE := $(abspath .tools/ansible-venv/bin)
ANSIBLE_READY := .tools/ansible-venv/ready
SETTINGS := ansible/settings.yml
PLAY = cd ansible && $(ANSIBLE)/ansible-playbook --extra-vars @$(abspath $(SETTINGS)) $(ARGS)

.PHONY: ansible-deps
ansible-deps: $(ANSIBLE_READY) ## Installs Ansible and its collections into .tools

$(ANSIBLE_READY): ansible/requirements.txt
	python3 -m venv --clear $(@D)
	$(ANSIBLE)/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(SETTINGS):
	@echo "Copy ansible/settings.example.yml to $@ and fill it in." >&2 && exit 1

.PHONY: image
image: $(ATTACH_CONTAINER)/jvm.args ## Builds the image of dice, and the class archive that it starts from
	@GRAFANA_ADMIN_PASSWORD_FILE=/dev/null tools/compose build --quiet dice
	@tools/container-archive $(ATTACH_CONTAINER) $(or $(DICE_IMAGE),lapalma/dice:dev)

.PHONY: site
site: $(ANSIBLE_READY) $(SETTINGS) image ## From an AWS account to a stack that was seen to work
	$(PLAY) site.yml

.PHONY: provision
provision: $(ANSIBLE_READY) $(SETTINGS) ## Makes network, instances and balancers in AWS, after an estimate of the cost
	$(PLAY) provision.yml

.PHONY: deploy
deploy: $(ANSIBLE_READY) $(SETTINGS) image ## Brings the containers to one instance after the other, or goes back: ARGS="-e compose_stack_release=former"
	$(PLAY) deploy.yml

.PHONY: verify
verify: $(ANSIBLE_READY) $(SETTINGS) ## Says what works, from outside through the balancers
	$(PLAY) verify.yml

.PHONY: destroy
destroy: $(ANSIBLE_READY) $(SETTINGS) ## Removes all of it from AWS, after asking
	$(PLAY) destroy.yml

.PHONY: jaeger-tunnel
jaeger-tunnel: $(ANSIBLE_READY) ## Opens the instance's Jaeger, Prometheus and Alertmanager here until Ctrl-C: SSH="-i KEY", STACK=lapalma
	@host=$$(cd ansible && $(ANSIBLE)/ansible-inventory --yaml --host $(or $(STACK),lapalma)) || exit 1; \
	of() { echo "$$host" | sed -n "s/^$$1: //p"; }; \
	echo "Jaeger http://localhost:16686  Prometheus http://localhost:9090  Alertmanager http://localhost:9093"; \
	exec ssh $$(of ansible_ssh_common_args) $(SSH) -N -o ExitOnForwardFailure=yes \
	  -L 16686:127.0.0.1:16686 -L 9090:127.0.0.1:9090 -L 9093:127.0.0.1:9093 "ubuntu@$$(of ansible_host)"

.PHONY: ansible-lint
ansible-lint: $(ANSIBLE_READY) ## Checks the playbooks: ansible-lint's strictest profile, yamllint
	cd ansible && $(ANSIBLE)/yamllint --strict . && PATH=$(ANSIBLE):$$PATH $(ANSIBLE)/ansible-lint

.PHONY: ansible-test
ansible-test: ansible-lint scale-engines $(ATTACH_CONTAINER)/jvm.args ## Provisions, deploys, verifies and destroys on a stand-in for AWS; needs root and Docker
	tools/docker-engine
	tools/offline-images jre jaeger prometheus alertmanager node-exporter cadvisor
	@$(MAKE) image
	@# The Kafka and the Cassandra that one test deploys to are those of the scale tests.
	$(MVN) --quiet test-compile -pl e2e -am
	$(ANSIBLE)/python -m pytest --rootdir ansible -c ansible/pyproject.toml ansible/tests $(ARGS)

$(FLASK_READY): compare/flask/requirements.txt
	python3 -m venv --clear $(FLASK)
	$(FLASK)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
