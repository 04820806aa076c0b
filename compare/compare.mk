# The comparison is not part of the usual build, because its libraries are large.
LAB := compare/apps/relay compare/apps/by-hand compare/apps/shop compare
LAB_SOURCES := $(shell find compare -type f \( -name pom.xml -o -name '*.patch' -o -path '*/src/main/*' \) \
	-not -path '*/target/*')
LAB_BUILT := target/compare-built
COMPARE = $(JAVA) -jar compare/target/compare.jar
COMPARE_RUN = $(or $(RUN),.run/compare)

##@ Compare

.PHONY: compare
compare: $(LAB_BUILT) ## Compares agents, for two hours; it continues where you stopped it: RUN=folder APP=fuseki VARIANTS=otel,splunk
	@# Exit code 3: a variant has failed, and the report has the others. A refused run has no report.
	$(COMPARE) run --out "$(COMPARE_RUN)" $(APP:%=--app %) $(VARIANTS:%=--variant %); code=$$?; \
	  case $$code in 0 | 3) $(COMPARE) report "$(COMPARE_RUN)" || exit ;; esac; exit $$code

.PHONY: compare-publish
compare-publish: $(LAB_BUILT) ##- Makes docs/report and the tables of the documents; adds runs to them: RUNS="folder folder"
	$(COMPARE) publish $(RUNS)

.PHONY: compare-dist
compare-dist: $(LAB_BUILT) ##- Packs the lab into target/compare.tar.gz, which needs no clone and no Go
	@tools/compare-dist

.PHONY: compare-build
compare-build: $(LAB_BUILT) ##- Builds the lab

.PHONY: compare-smoke
compare-smoke: $(LAB_BUILT) ##- Checks in two minutes that the comparison works
	rm -rf .run/compare-smoke
	$(COMPARE) run --smoke --rounds 1 --variant lapalma-agent --out .run/compare-smoke
	$(COMPARE) report .run/compare-smoke | tee .run/compare-smoke/table.md
	@# All 18 scripted requests have a server span, and all 15 with a route name it.
	grep -q '^| lapalma-agent.*| 18 of 18 | 15 of 15 |' .run/compare-smoke/table.md

.PHONY: compare-tutorial
compare-tutorial: $(LAB_BUILT) ##- Runs docs/measure-your-own-jar.md word for word, in half an hour; SHORT=1: in two minutes
	tools/run-page docs/measure-your-own-jar.md $(if $(SHORT),'5. Measure') | tee target/tutorial.log
	@# All 12 scripted requests have a server span with a route.
	grep -q '^| OpenTelemetry, defaults.*| 12 of 12 | 12 of 12 |' target/tutorial.log

.PHONY: compare-check
compare-check: $(LAB_BUILT) ##- Checks the accuracy of the lab, for an hour: no agent must not differ from itself, and a planted 25 % of CPU must be found
	$(COMPARE) check --out .run/compare-check

$(LAB_BUILT): $(BUILT) $(LAB_SOURCES)
	@echo "Building the comparison …"
	@$(MVN) --quiet package -DskipTests -am $(LAB:%=-pl %)
	@touch $@
