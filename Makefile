# The commands of this project, for people and for CI.

# Prints little, and the same on a terminal as in CI.
MVN := mvn --batch-mode --no-transfer-progress
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)

ATTACH := agent-config/target/attach
# The same folder for dice in its container, where it is mounted at /otel.
ATTACH_CONTAINER := agent-config/target/container
# The password of the deployment: it is never committed, and `make clean` keeps it.
PASSWORD := .secrets/grafana-admin-password
BUILT := target/built
PROSE := .tools/prose
BILL := target/bom.json
COMPOSE = GRAFANA_ADMIN_PASSWORD_FILE="$(abspath $(PASSWORD))" tools/compose
# Without compose/images.yml, which .env names: it builds in images what Maven has already built here.
export COMPOSE_FILE ?= docker-compose.yml
PUBLISHED := $(or $(PUBLISH_ADDRESS),127.0.0.1)
CHECK_CONFIG = tools/check-agent-config $(ATTACH)/jvm.args -cp dice-undertow/target/dice.jar
CHECKED := target/agent-config-checked
# One file for each JDK that was used here: a seal fits only the JDK that made it.
SEALED := target/sealed-$(shell { cat "$$(dirname "$$(readlink -f "$$(command -v $(JAVA))")")/../release"; } 2>/dev/null | cksum | cut -d' ' -f1)
# All sources of the build.
SOURCES := $(shell find pom.xml .mvn dice-undertow agent-config stack e2e -type f \
	\( -name pom.xml -o -name '*.config' -o -path '*/src/main/*' -o -path 'agent-config/*' \) \
	-not -path '*/target/*' -not -name '*.md')

# After its folder was moved, the project is built again: jvm.args, the seal and the scripts of a venv contain
# absolute paths.
$(shell for stamp in $(BUILT) .tools/ansible-venv/ready; do \
	[ "$$(cat $$stamp 2>/dev/null)" = "$(CURDIR)" ] || rm -f $$stamp; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Work on it

# `make help` leaves out a target whose comment begins with ##-.
.PHONY: help help-all
help: ## Lists the usual targets
help-all: ## Lists every target
help help-all:
	@awk -F ':.*##-? ' -v marks='$(if $(filter help-all,$@),##-?,##) ' \
	  'BEGIN { count = split("Run it|Look at it|Test it|Compare|Deploy to AWS|Work on it", groups, "|") } \
	   /^##@ / { group = substr($$0, 5) } \
	   $$0 ~ "^[a-z-]+:.*" marks { lines[group] = lines[group] sprintf("  make %-17s %s\n", $$1, $$2) } \
	   END { for (i = 1; i <= count; i++) if (lines[groups[i]]) printf "%s%s\n%s", (i > 1 ? "\n" : ""), groups[i], lines[groups[i]] }' \
	  $(MAKEFILE_LIST)

##@ Run it

.PHONY: up
up: $(BUILT) $(CHECKED) $(SEALED) ## Runs dice with the agent, Jaeger, Prometheus and VictoriaLogs, until Ctrl-C
	@exec $(JAVA) -jar stack/target/stack.jar

.PHONY: fault
fault: $(BUILT) ## Breaks the dice of make up: FAULT=errors, slow, loaded, hang, memory, kill, jaeger; none ends it
	@exec $(JAVA) -cp stack/target/stack.jar lapalma.stack.FaultCommand "$(FAULT)"

.PHONY: play
play: $(BUILT) ## Rolls the dice of make up, until Ctrl-C; PLAYER_RATE=2 and PLAYER_FAILURES=0.0005 may be set
	@exec $(JAVA) -cp stack/target/stack.jar lapalma.stack.PlayCommand

.PHONY: compose-up
compose-up: image $(PASSWORD) ## Runs the whole stack in containers, with Grafana; WITH_TRAFFIC=1 sends requests to it
	@$(COMPOSE) $(if $(WITH_TRAFFIC),--profile traffic) up --detach --wait
	@echo "Open http://$(PUBLISHED):$(or $(PROMETHEUS_PORT),9090)/consoles/index.html to see health, alerts, traces, log lines and rates."
	@echo "Grafana       http://$(PUBLISHED):$(or $(GRAFANA_PORT),3000)/d/health    user admin, password in $(PASSWORD)"
	@echo "Alertmanager  http://$(PUBLISHED):$(or $(ALERTMANAGER_PORT),9093)/#/alerts"

.PHONY: compose-down
compose-down: ## Stops the containers; their volumes stay
	@$(COMPOSE) --profile traffic down

.PHONY: compose-backup
compose-backup: ##- Copies the data of the containers into a file: FILE=lapalma.tar.gz
	@tools/compose-data backup "$(FILE)"

.PHONY: compose-restore
compose-restore: ##- Replaces the data of the containers with a backup: FILE=lapalma.tar.gz
	@tools/compose-data restore "$(FILE)"

# If Docker uses containerd's image store, attestations give each build of the same content another ID. A deployment names the
# image by its ID.
.PHONY: image
image: export BUILDX_NO_DEFAULT_ATTESTATIONS := 1
image: $(ATTACH_CONTAINER)/jvm.args ##- Builds the image of dice, sealed with its agent
	@GRAFANA_ADMIN_PASSWORD_FILE=/dev/null tools/compose build --quiet dice
	@tools/container-seal $(ATTACH_CONTAINER) $(or $(DICE_IMAGE),lapalma/dice:dev)

##@ Look at it

.PHONY: check-config
check-config: $(BUILT) ## Checks the agent's configuration and the set variables, with the agent itself
	@$(CHECK_CONFIG)

##@ Test it

.PHONY: test
test: check-rules ## Builds everything and runs every test that needs no Docker
	tools/find-program jaeger >/dev/null
	tools/find-program prometheus/blackbox >/dev/null
	$(MVN) verify
	@# As the last lines, because a skipped test looks like one that has passed.
	@find . -path '*/target/*-reports/TEST-*.xml' -exec sed -n 's/.*<skipped message="\([^"]*\)".*/\1/p' {} + | sort | uniq -c | \
	  awk '{ count = $$1; sub(/^ *[0-9]+ /, ""); print "Skipped: " count ", because: " $$0 } END { if (!NR) print "No test was skipped." }'

.PHONY: jdk-test
jdk-test: ##- Runs the tests that depend on the JDK of dice, with the JDK in JAVA_HOME
	tools/find-program jaeger >/dev/null
	tools/find-program prometheus/blackbox >/dev/null
	$(MVN) verify -pl e2e -am -Dfailsafe.failIfNoSpecifiedTests=false \
		-Dit.test='AgentJarIT,LogsIT,MetricsIT,NothingLostIT#theSealed*,RoutesIT,SealIT,ServerComparisonIT,StopIT,TracesIT,UndertowServerIT,UpIT'

.PHONY: check-rules
check-rules: ##- Checks and tests the rules of Prometheus and Alertmanager
	tools/check-rules

.PHONY: prose-check
prose-check: $(PROSE)/ready ##- Checks the language and the length of the documents, and the size of the project
	cp tools/prose/textlintrc.yml $(PROSE)/.textlintrc.yml
	@git ls-files --error-unmatch README.md >/dev/null 2>&1 || { echo "Run this in a checkout of git, which lists the documents." >&2; exit 1; }
	@{ git ls-files -z '*.md' | xargs -0 wc -w; \
	  git ls-files -z '*.java' | xargs -0 cat | grep -cvE '^ *($$|//|/?\*|import |package )' | sed 's/$$/ lines-of-java/'; \
	  git ls-files | wc -l | sed 's/$$/ files/'; } | awk -f tools/prose/words.awk tools/prose/words.txt -
	@git ls-files -z '*.md' | (cd $(PROSE) && sed -z 's|^|$(CURDIR)/|' | xargs -0 node_modules/.bin/textlint)

##@ Work on it

.PHONY: build
build: $(BUILT) ## Builds the jars, and the folder that attaches the agent

.PHONY: format
format: ## Formats the Java sources
	$(MVN) --quiet spotless:apply

.PHONY: agent-upgrade
agent-upgrade: ##- Pins another version of the agent and runs the tests: VERSION=2.33.1
	tools/upgrade-agent "$(VERSION)"
	$(MAKE) test

.PHONY: dist
dist: $(ATTACH_CONTAINER)/jvm.args $(BILL) ##- Packs a release and its SHA-256 into target; VERSION=1.0.0 names it
	@tools/dist "$(or $(VERSION),$(shell git describe --tags --always --dirty))"

.PHONY: vulnerabilities
vulnerabilities: $(BILL) ##- Looks up known vulnerabilities of dependencies and images; needs a network
	@tools/vulnerabilities

.PHONY: image-digests
image-digests: ##- Pins each image in .env to the digest of its tag; run it again after you change a tag
	tools/image-digests

.PHONY: clean
clean: ## Removes builds, installed programs and local data; containers, volumes and .secrets stay
	rm -rf .tools .run target */target */*/target */*/*/target

$(BUILT): $(SOURCES)
	@echo "Building …"
	@$(MVN) --quiet package -DskipTests $(LAB:%=-pl '!%')
	@mkdir -p $(@D) && echo "$(CURDIR)" >$@

$(ATTACH_CONTAINER)/jvm.args: $(BUILT)
	@$(MVN) --quiet package -DskipTests -pl agent-config -am "-Dattach=$(abspath $(@D))" -Dattach.at=/otel
	@touch $@

# The bill of materials of a release.
$(BILL): $(BUILT)
	@$(MVN) --quiet package org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom -DskipTests \
		-pl .,dice-undertow,agent-config,agent-config/extension,stack/player -am
	@touch $@

$(PASSWORD):
	@mkdir -p $(@D)
	@chmod 700 $(@D)
	@# Readable for the user of the container, who is not the user who runs make.
	@(umask 022 && head -c 18 /dev/urandom | base64 >$@)

$(SEALED): $(BUILT) tools/seal-dice
	@JAVA=$(JAVA) tools/seal-dice $(ATTACH) dice-undertow/target/dice.jar $(ATTACH)/sealed
	@rm -f target/sealed-*
	@touch $@

$(CHECKED): $(BUILT) tools/check-agent-config
	@$(CHECK_CONFIG)
	@touch $@

$(PROSE)/ready: tools/prose/package.json
	@mkdir -p $(@D)
	cp $< $(@D)
	npm install --prefix $(@D) --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@

# The targets that belong to one folder.
include e2e/e2e.mk grafana/grafana.mk compare/compare.mk ansible/ansible.mk
