# AWS. SETTINGS holds the inputs. ARGS is passed to ansible-playbook: ARGS="-e @secrets.yml --ask-vault-pass".
ANSIBLE := $(abspath .tools/ansible-venv/bin)
ANSIBLE_READY := .tools/ansible-venv/ready
SETTINGS := ansible/settings.yml
PLAY = settings=$$(realpath "$(SETTINGS)") $(if $(ARCHIVE),&& archive=$$(realpath -m "$(ARCHIVE)")) && cd ansible && \
	"$(ANSIBLE)/ansible-playbook" --extra-vars "@$$settings" \
	$(if $(ARCHIVE),--extra-vars "compose_stack_archive='$$archive'") \
	$(if $(RELEASE),--extra-vars compose_stack_release=$(RELEASE)) $(ARGS)
# Without an archive, and without a release that the instance keeps, a deploy needs the image that is built here.
DEPLOYED = $(if $(ARCHIVE)$(RELEASE),,image)

##@ Deploy to AWS

.PHONY: site
site: $(ANSIBLE_READY) $(SETTINGS) $(DEPLOYED) ## Provisions, deploys and verifies, in this order
	$(PLAY) site.yml

.PHONY: plan
plan: $(ANSIBLE_READY) $(SETTINGS) ## Shows what site would create and change on AWS, and the cost; changes nothing
	$(PLAY) plan.yml

.PHONY: provision
provision: $(ANSIBLE_READY) $(SETTINGS) ##- Creates network, instances and load balancers, after an estimate of the cost
	$(PLAY) provision.yml

.PHONY: deploy
deploy: $(ANSIBLE_READY) $(SETTINGS) $(DEPLOYED) ## Deploys the build, or ARCHIVE=target/lapalma-1.0.0.tar.gz; rolls back with RELEASE=former
	$(PLAY) deploy.yml

.PHONY: verify
verify: $(ANSIBLE_READY) $(SETTINGS) ## Checks the deployment through the load balancers, and by SSH on the instance
	$(PLAY) verify.yml

.PHONY: replace
replace: $(ANSIBLE_READY) $(SETTINGS) $(DEPLOYED) ## Replaces the instance, dead or alive, and gives the new one the data volume
	$(PLAY) --extra-vars aws_infra_replace_instance=true site.yml

.PHONY: backup
backup: $(ANSIBLE_READY) $(SETTINGS) ## Makes a snapshot of the data volume, and deletes all but the newest three
	$(PLAY) backup.yml

.PHONY: restore
restore: $(ANSIBLE_READY) $(SETTINGS) $(if $(ZONE),$(DEPLOYED)) ## Restores a snapshot: SNAPSHOT=latest or SNAPSHOT=snap-…; the former volume stays. ZONE=us-east-1b moves to another zone
	$(PLAY) --extra-vars aws_infra_snapshot=$(SNAPSHOT) $(if $(ZONE),--extra-vars aws_infra_restore_zone=$(ZONE) move.yml,restore.yml)

.PHONY: destroy
destroy: $(ANSIBLE_READY) $(SETTINGS) ## Removes this stack and its data from AWS; lists them and asks first
	$(PLAY) destroy.yml

.PHONY: ansible-deps
ansible-deps: $(ANSIBLE_READY) ##- Installs Ansible and its collections into .tools

##@ Look at it

.PHONY: jaeger-tunnel
jaeger-tunnel: $(ANSIBLE_READY) ## Forwards the pages of the deployed stack to this machine, until Ctrl-C: SSH="-i KEY", STACK=lapalma
	@host=$$(cd ansible && "$(ANSIBLE)/ansible-inventory" --yaml --host $(or $(STACK),lapalma)) || exit 1; \
	of() { echo "$$host" | sed -n "s/^$$1: //p"; }; \
	echo "Jaeger http://localhost:16686  VictoriaLogs http://localhost:9428/select/vmui/"; \
	echo "First page http://localhost:9090/consoles/index.html  Alertmanager http://localhost:9093"; \
	exec ssh $$(of ansible_ssh_common_args) $(SSH) -N -o ExitOnForwardFailure=yes \
	  -L 16686:127.0.0.1:16686 -L 9428:127.0.0.1:9428 -L 9090:127.0.0.1:9090 -L 9093:127.0.0.1:9093 "ubuntu@$$(of ansible_host)"

##@ Test it

.PHONY: ansible-lint
ansible-lint: $(ANSIBLE_READY) ##- Checks the playbooks: ansible-lint's strictest profile, yamllint
	cd ansible && "$(ANSIBLE)/yamllint" --strict . && PATH="$(ANSIBLE):$$PATH" "$(ANSIBLE)/ansible-lint"

.PHONY: ansible-test
ansible-test: ansible-lint scale-engines $(ATTACH_CONTAINER)/jvm.args ##- Provisions, deploys, verifies and destroys on a simulated AWS; needs root, Docker, and Debian or Ubuntu
	tools/docker-engine
	tools/offline-images jre jaeger victorialogs prometheus alertmanager blackbox-exporter node-exporter cadvisor
	@$(MAKE) image dist VERSION=test
	@# One test deploys to the Kafka and the Cassandra of the scale tests.
	$(MVN) --quiet test-compile -pl e2e -am
	"$(ANSIBLE)/python" -m pytest --rootdir ansible -c ansible/pyproject.toml ansible/tests $(ARGS)

$(ANSIBLE_READY): ansible/requirements.txt
	python3 -m venv --clear $(@D)
	"$(ANSIBLE)/pip" install --quiet --disable-pip-version-check --requirement $<
	@echo "$(CURDIR)" >$@

$(SETTINGS):
	@echo "Copy ansible/settings.example.yml to $@ and fill it in." >&2 && exit 1
