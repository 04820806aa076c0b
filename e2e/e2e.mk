# The tests with targets of their own: each takes minutes.
WITH_TAG = $(MVN) verify -pl e2e -am -Dtests.left-out=none -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dgroups=
# One test at a time: each breaks a whole stack and waits until its other parts notice.
ONE_BY_ONE := -Djunit.jupiter.execution.parallel.enabled=false
# So many stacks at a time: each spends most of its time waiting for an alert.
STACKS = -Djunit.jupiter.execution.parallel.config.fixed.parallelism=$1 \
	-Djunit.jupiter.execution.parallel.config.fixed.max-pool-size=$1

##@ Test it

.PHONY: health-test
health-test: ##- Breaks a running stack, and waits for the alert of each fault
	@# One of the tests runs the shop.
	$(WITH_TAG)health -pl compare/apps/shop $(call STACKS,4)

.PHONY: health-soak
health-soak: ##- Sends healthy traffic for ten minutes and fails on any alert
	$(WITH_TAG)soak

.PHONY: containers
containers: $(ATTACH_CONTAINER)/jvm.args $(BILL)
	@if tools/docker-engine; then \
		tools/offline-images && $(MAKE) image; \
	else echo "The tests that need a Docker engine are skipped."; fi

.PHONY: compose-test
compose-test: containers ##- Runs the containers, breaks them, and counts lost traces, log lines and samples; needs root, and Debian or Ubuntu
	$(WITH_TAG)compose $(call STACKS,2)

.PHONY: flood-test
flood-test: containers ##- Sends the containers more than a small disk could hold; needs root, and Debian or Ubuntu
	$(WITH_TAG)flood

.PHONY: images-test
images-test: ##- Builds every image from the sources, with Docker alone, and runs them; needs root
	tools/docker-engine && tools/offline-images && tools/offline-images maven
	$(WITH_TAG)images

.PHONY: scale-test
scale-test: scale-engines ##- Breaks each part of the setup for many machines, with real Kafka, Cassandra and Thanos
	$(WITH_TAG)scale $(ONE_BY_ONE)

.PHONY: scale-measure
scale-measure: scale-engines ##- Measures the throughput of traces and metrics, on one machine and on many
	$(WITH_TAG)throughput $(ONE_BY_ONE)

# The jars of Kafka and Cassandra are only for these tests and have hundreds of libraries, so the build leaves them out.
.PHONY: scale-engines
scale-engines: scale-kafka scale-cassandra

.PHONY: scale-kafka scale-cassandra
scale-kafka scale-cassandra: scale-%:
	@# Jars of an earlier version would be on the class path too.
	rm -rf e2e/target/scale/$*
	$(MVN) --quiet --file e2e/scale/$* dependency:copy-dependencies "-DoutputDirectory=$(abspath e2e/target/scale)/$*"

# The oldest version that the extension supports, the last of each later one, and that of the build.
UNDERTOWS := 1.4.28 2.0.41 2.2.40 2.3.26 2.4.4

.PHONY: undertow-test
undertow-test: ## Compares all spans and series with those of upstream, on five versions of Undertow; JDKS="/jdk-17 /jdk-25"
	rm -rf e2e/target/undertow
	for version in $(UNDERTOWS); do \
		$(MVN) --quiet --file e2e/undertow dependency:copy-dependencies "-Dundertow.version=$$version.Final" \
			"-DoutputDirectory=$(abspath e2e/target/undertow)/$$version" || exit 1; \
	done
	$(WITH_TAG)undertow $(if $(JDKS),"-Djdks=$(JDKS)")

.PHONY: fit-test
fit-test: $(BUILT) scale-kafka ## Compares what further apps send under lapalma-agent.jar and under upstream's agent
	for app in io.zipkin:zipkin-server:3.5.1:jar:exec org.apache.jena:jena-fuseki-server:5.6.0; do \
		$(MVN) --quiet dependency:copy -Dartifact=$$app -DoutputDirectory=$(abspath e2e/target/fit) -Dmdep.stripVersion=true || exit 1; \
	done
	for app in boot4 quarkus micronaut javalin clients; do \
		$(MVN) --quiet --file e2e/fit-apps package -Dapp=$$app || exit 1; \
	done
	$(WITH_TAG)fit

.PHONY: upstream-test
upstream-test: $(BUILT) ## Runs upstream's tests of HTTP servers, on upstream's module and on the extension's
	for module in undertow undertow-server; do \
		$(MVN) --file e2e/upstream test "-Dmodule=$$module" "-Dattach=$(abspath $(ATTACH))" || exit 1; \
	done
