"""The inputs are told twice: in each role's defaults and in its argument_specs. And what they make of a release,
and which of them cannot be said together."""

import hashlib
import os
import re
import subprocess

import pytest
import yaml
from playbook import ANSIBLE, run

ROOT = ANSIBLE.parent
OTLP = {"compose_stack_otlp_endpoint": "http://collectors.internal:4318"}
JAEGER = {"compose_stack_jaeger_url": "https://jaeger.example.com"}
STORE = {"compose_stack_remote_write_url": "https://store.example.com/api/v1/receive"}
KAFKA = {"compose_stack_kafka_brokers": ["b-1.internal:9093", "b-2.internal:9093"]}
CASSANDRA = {"compose_stack_cassandra_servers": ["c-1.internal", "c-2.internal:9142"]}
CLUSTERS = "compose/clusters.yml"
PRODUCTION = ("docker-compose.yml", "compose/production.yml")
# Where dice sends its log lines.
LOGS = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"

EMAIL = {
    "compose_stack_alert_email_to": "ops@example.com",
    "compose_stack_alert_email_from": "alerts@example.com",
    "compose_stack_alert_email_smarthost": "smtp.example.com:587",
}
LOGIN = {
    "compose_stack_alert_email_user": "alerts@example.com",
    "compose_stack_alert_email_password": "Hunter-2-email",
}
# The inputs of each kind of receiver, and the secret that each has in a file.
RECEIVERS = {
    "webhook": ({"compose_stack_alert_url": "https://Hunter-2-webhook"}, "alert-webhook-url"),
    "slack": ({"compose_stack_alert_slack_url": "https://Hunter-2-slack"}, "alert-slack-url"),
    "email": (EMAIL | LOGIN, "alert-email-password"),
    "pagerduty": ({"compose_stack_alert_pagerduty_key": "Hunter-2-pagerduty"}, "alert-pagerduty-key"),
    "sns": ({"compose_stack_alert_sns_topic": "arn:aws:sns:us-east-1:123456789012:alerts"}, None),
}
SWITCH = {"compose_stack_dead_mans_switch_url": "https://Hunter-2-switch"}

ROLES = sorted(path.parent.parent for path in ANSIBLE.glob("roles/*/meta/argument_specs.yml"))


def options(role):
    return yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]


def test_every_role_specifies_exactly_its_defaults():
    assert len(ROLES) == 5
    for role in ROLES:
        defaults = yaml.safe_load((role / "defaults/main.yml").read_text())
        assert {name: option["default"] for name, option in options(role).items()} == defaults


def test_the_readme_leads_to_every_specification_and_names_no_input_that_is_gone():
    roles = [role.name for role in ROLES]
    known = {name for role in ROLES for name in options(role)} | set(roles)
    readme = (ANSIBLE / "README.md").read_text()
    for role in ROLES:
        assert f"(roles/{role.name}/meta/argument_specs.yml)" in readme
        assert all(option["description"] for option in options(role).values())
    for page in [ANSIBLE / "README.md", *(ROOT / "docs").glob("*.md")]:
        assert set(re.findall(rf"\b(?:{'|'.join(roles)})_[a-z_]+", page.read_text())) - known == set(), page


def test_the_readme_shows_the_iam_policy():
    assert (ANSIBLE / "iam-policy.json").exists()
    assert "[iam-policy.json](iam-policy.json)" in (ANSIBLE / "README.md").read_text()


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (JAEGER | {"compose_stack_otlp_endpoint": "http://c:4318/v1/traces"}, "without /v1/traces, such as"),
        (OTLP, "Set compose_stack_jaeger_url to the Jaeger of the collectors"),
        (OTLP | JAEGER | {"aws_infra_jaeger_cidrs": ["192.0.2.0/24"]}, "Remove aws_infra_jaeger_cidrs"),
        (
            {"compose_stack_sampling_endpoint": "http://c:5778/api/sampling"},
            "only together with compose_stack_otlp_endpoint",
        ),
        (
            {"compose_stack_remote_write_url": "https://me:Hunter-2@store.example.com/"},
            "Set compose_stack_remote_write_url to an http or https address without a user",
        ),
        (
            STORE | {"compose_stack_remote_write_token": "Hunter-2", "compose_stack_remote_write_user": "me"},
            "either compose_stack_remote_write_token, or both",
        ),
        (
            STORE | {"compose_stack_remote_write_user": "me"},
            "either compose_stack_remote_write_token, or both",
        ),
        (
            {"compose_stack_remote_write_token": "Hunter-2"},
            "either compose_stack_remote_write_token, or both",
        ),
        (
            STORE | {"compose_stack_remote_write_replica": "a b"},
            "compose_stack_remote_write_replica to letters",
        ),
        (KAFKA, "Set both compose_stack_kafka_brokers and compose_stack_cassandra_servers"),
        (CASSANDRA, "Set both compose_stack_kafka_brokers and compose_stack_cassandra_servers"),
        (CASSANDRA | {"compose_stack_kafka_brokers": ["b-1"]}, "lists, such as [b-1.internal:9092]"),
        (
            KAFKA | CASSANDRA | OTLP | JAEGER,
            "Remove compose_stack_otlp_endpoint or compose_stack_kafka_brokers",
        ),
        (
            KAFKA | CASSANDRA | {"compose_stack_kafka_password": "Hunter-2"},
            "Set compose_stack_kafka_user and compose_stack_kafka_password together",
        ),
        (
            {"compose_stack_cassandra_user": "me", "compose_stack_cassandra_password": "Hunter-2"},
            "none of them without compose_stack_kafka_brokers",
        ),
        (
            KAFKA | CASSANDRA | {"compose_stack_cassandra_keyspace": "jaeger-1"},
            "compose_stack_cassandra_keyspace to a letter, followed by letters",
        ),
        (
            KAFKA | CASSANDRA | {"compose_stack_kafka_mechanism": "GSSAPI"},
            "compose_stack_kafka_mechanism to SCRAM-SHA-512",
        ),
        (
            KAFKA | CASSANDRA | {"compose_stack_kafka_tls": True, "compose_stack_kafka_ca": "/none.pem"},
            "Set compose_stack_kafka_ca to a PEM file on this machine",
        ),
        (
            KAFKA | CASSANDRA | {"compose_stack_cassandra_ca": str(ROOT / "README.md")},
            "to a PEM file on this machine and compose_stack_cassandra_tls to true, or",
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_clusters_that_exist_are_named_in_full_or_not_at_all(cloud, inputs, sentence):
    result = run(cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", **inputs)
    result.refused().says(sentence)
    # What a rejected address holds is shown to nobody either.
    assert "Hunter-2" not in result.output


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"compose_stack_alert_url": "Hunter-2"}, "Set compose_stack_alert_url, compose_stack_alert_slack_url"),
        ({"compose_stack_alert_slack_url": "#Hunter-2"}, "to http or https addresses, or leave them empty"),
        ({"compose_stack_dead_mans_switch_url": "Hunter-2"}, "to http or https addresses, or leave them empty"),
        ({"compose_stack_alert_email_to": "ops@example.com"}, "such as smtp.example.com:587, together"),
        (EMAIL | {"compose_stack_alert_email_smarthost": "smtp"}, "such as smtp.example.com:587, together"),
        (EMAIL | {"compose_stack_alert_email_password": "Hunter-2"}, "compose_stack_alert_email_user with"),
        (
            {"compose_stack_alert_sns_topic": "arn:aws:sns:sa-east-1:123456789012:alerts"},
            "the ARN of an SNS topic in us-east-1",
        ),
        (EMAIL, "examples in compose_stack_alert_email_to, compose_stack_alert_email_from, compose_stack_alert_email_s"),
        (RECEIVERS["sns"][0], "the examples in compose_stack_alert_sns_topic, or leave them empty"),
        ({"compose_stack_runbook_url": "https://example.com/runbook"}, "the examples in compose_stack_runbook_url"),
        ({"compose_stack_prometheus_url": "localhost:9090"}, "Set compose_stack_prometheus_url and"),
        ({"compose_stack_victorialogs_url": "localhost:9428"}, "compose_stack_victorialogs_url to one, or"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_whom_to_alert_is_named_in_full_or_not_at_all(cloud, inputs, sentence):
    result = run(cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", **inputs)
    result.refused().says(sentence)
    assert "Hunter-2" not in result.output


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"compose_stack_metrics_size": "6"}, "Set compose_stack_metrics_size to a size such as 6GB"),
        # VictoriaLogs would take it for seven months.
        ({"compose_stack_logs_retention": "7"}, "a time in days, weeks or years, such as 7d"),
        ({"compose_stack_logs_retention": "12h"}, "a time in days, weeks or years, such as 7d"),
        ({"compose_stack_logs_retention_size": "2GB"}, "a size in KiB, MiB, GiB or TiB, such as 2GiB"),
        ({"compose_stack_log_export": "maybe"}, "Set compose_stack_log_export to true or false"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_is_kept_is_a_time_or_a_size_and_a_switch_is_on_or_off(cloud, inputs, sentence):
    run(cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", **inputs).refused().says(sentence)


def test_all_wrong_inputs_are_reported_at_once(cloud):
    wrong = {"compose_stack_metrics_size": "6", "compose_stack_log_export": "maybe"}
    (
        run(cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", **wrong)
        .refused()
        .says("Set compose_stack_metrics_size to a size such as 6GB.")
        .says("Set compose_stack_log_export to true or false.")
    )


PACK = """
- name: Pack
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: The release
      ansible.builtin.include_role:
        name: compose_stack
        tasks_from: "{{ item }}"
      loop: [release, secrets]
"""


def pack(cloud, folder, *arguments, **inputs):
    """Makes the release that a host would get of these inputs, and the secrets beside it."""
    (folder / "pack.yml").write_text(PACK)
    (folder / "releases").mkdir()
    (folder / "secrets").mkdir()
    mine = {
        "compose_stack_folder": str(folder),
        "compose_stack_source": str(ROOT),
        # In place of the agent, which has 84 MB. No test looks into this folder.
        "compose_stack_attach": "agent-config/extension/src/main/resources",
        "compose_stack_kept": [],
        "compose_stack_grafana_password": "Krokodil-7-Wolke",
        "compose_stack_image_pull": True,
        "compose_stack_image_to_run": "registry.example.com/dice:1",
        "compose_stack_private_address": "10.0.1.23",
        "compose_stack_instance_id": "i-0123",
    }
    arguments = ["-i", "localhost,", "-e", "@group_vars/all.yml", *arguments]
    return run(cloud, str(folder / "pack"), *arguments, **(mine | inputs)).ok()


def packed(cloud, folder, **inputs):
    pack(cloud, folder, **inputs)
    [release] = (folder / "releases").iterdir()
    return release


def test_a_release_has_nothing_that_an_interrupted_deploy_left(cloud, tmp_path):
    left = tmp_path / "incoming/prometheus/scrape.d/left.yml"
    left.parent.mkdir(parents=True)
    left.touch()
    release = packed(cloud, tmp_path)
    assert (release / "prometheus/prometheus.yml").is_file()
    assert not (release / "prometheus/scrape.d/left.yml").exists()


def checked(release, file, folder, tool, *arguments):
    """Lets the tool that is built with a program of the project read a file of the release."""
    find = [ROOT / "tools" / "find-program", ROOT / folder]
    program = subprocess.run(find, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    command = [os.path.dirname(program) + "/" + tool, *arguments, release / file]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def compose(release, *files):
    return model(release, *files)["services"]


def model(release, *files):
    """What Compose makes of these files of a release."""
    command = [ROOT / "tools" / "compose", *(f"--file={file}" for file in files)]
    command += ["--env-file=.env", "--env-file=deploy.env", "config"]
    done = subprocess.run(command, cwd=release, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_alerts_and_jaegers_pages_link_to_pages_that_their_readers_reach(cloud, tmp_path):
    grafana = {"compose_stack_grafana_url": "http://grafana.example.com"}
    behind = {"compose_stack_jaeger_base": "/jaeger"}
    logs = {"compose_stack_victorialogs_url": "https://logs.example.com/"}
    jaeger = "http://grafana.example.com/jaeger"
    for name, inputs, of_alerts, of_pages in (
        # Who reaches Jaeger's pages by the tunnel reaches VictoriaLogs by it too.
        ("tunnel", {}, ("", ""), "http://localhost:9428"),
        ("balancer", behind, (jaeger, ""), ""),
        ("named", behind | logs, (jaeger, "https://logs.example.com"), "https://logs.example.com"),
    ):
        (tmp_path / name).mkdir()
        services = compose(packed(cloud, tmp_path / name, **grafana, **inputs), *PRODUCTION)
        environment = services["prometheus"]["environment"]
        assert (environment["JAEGER_EXTERNAL_URL"], environment["VICTORIALOGS_EXTERNAL_URL"]) == of_alerts
        assert services["jaeger"]["environment"]["VICTORIALOGS_EXTERNAL_URL"] == of_pages


@pytest.mark.parametrize(
    ("base", "served", "asked"),
    [
        ("", "/", "http://jaeger:16686"),
        ("/jaeger", "/jaeger", "http://jaeger:16686/jaeger"),
    ],
)
def test_grafana_asks_jaeger_under_the_path_that_jaeger_serves(cloud, tmp_path, base, served, asked):
    release = packed(cloud, tmp_path, compose_stack_jaeger_base=base)
    services = compose(release, "docker-compose.yml", "compose/production.yml")
    assert services["jaeger"]["environment"]["JAEGER_BASE_PATH"] == served
    assert services["grafana"]["environment"]["JAEGER_URL"] == asked


@pytest.mark.parametrize(("scheme", "secure"), [("http", "false"), ("https", "true")])
def test_behind_https_grafanas_cookie_goes_over_nothing_else(cloud, tmp_path, scheme, secure):
    release = packed(cloud, tmp_path, compose_stack_grafana_url=f"{scheme}://grafana.example.com")
    environment = compose(release, *PRODUCTION)["grafana"]["environment"]
    assert environment["GF_SERVER_ROOT_URL"] == f"{scheme}://grafana.example.com"
    assert environment["GF_SECURITY_COOKIE_SECURE"] == secure


def test_nothing_that_a_browser_reads_leads_to_the_machine_that_it_runs_on(cloud, tmp_path):
    release = packed(cloud, tmp_path, compose_stack_grafana_url="http://grafana.example.com")
    read = [release / "deploy.env", *(path for path in (release / "grafana").rglob("*") if path.is_file())]
    assert len(read) > 6
    # Prometheus and Alertmanager are reached by a tunnel, which ends on the reader's own machine.
    tunnel = ("PROMETHEUS_EXTERNAL_URL=", "ALERTMANAGER_EXTERNAL_URL=", "RUNBOOK_URL=")
    for path in read:
        lines = [line for line in path.read_text().splitlines() if not line.startswith(tunnel)]
        assert not [line for line in lines if "localhost" in line or "127.0.0.1" in line], path


def test_the_probe_asks_the_balancers_where_there_are_some(cloud, tmp_path):
    balancers = {
        "compose_stack_server_url": "https://dice.example.com",
        "compose_stack_grafana_url": "https://grafana.example.com",
    }
    for name, inputs, dice, grafana in (
        ("alone", {}, "http://dice:5000", "http://grafana:3000"),
        ("balanced", balancers, "https://dice.example.com", "https://grafana.example.com"),
    ):
        (tmp_path / name).mkdir()
        release = packed(cloud, tmp_path / name, **inputs)
        wanted = {"health": f"{dice}/health", "roll": f"{dice}/", "grafana": f"{grafana}/api/health"}
        for probe, asked in wanted.items():
            targets = yaml.safe_load((release / f"prometheus/targets/probe-{probe}.yml").read_text())
            assert targets == [{"targets": ["blackbox-exporter:9115"], "labels": {"__param_target": asked}}]
        [mount] = compose(release, *PRODUCTION)["blackbox-exporter"]["volumes"]
        assert yaml.safe_load((release / mount["source"]).read_text())["modules"].keys() == {*wanted, "answer"}


SHOW = """
- name: Show
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: The variables of the role
      ansible.builtin.include_role:
        name: compose_stack
        tasks_from: password
        public: true

    - name: What it makes of the inputs
      ansible.builtin.debug:
        msg: "%s"
      loop: "{{ items | default(['']) }}"
      vars:
        compose_stack_image: "{{ item | default('lapalma/dice:dev', true) }}"
"""


def shown(cloud, folder, message, **inputs):
    """Says what the role's own variables are for these inputs."""
    (folder / "show.yml").write_text(SHOW % message)
    arguments = ["-i", "localhost,", "-e", "@group_vars/all.yml"]
    inputs["compose_stack_grafana_password"] = "Krokodil-7-Wolke"
    return run(cloud, str(folder / "show"), *arguments, **inputs).ok()


@pytest.mark.parametrize("sum", [None, "0" * 64])
def test_an_archive_with_another_checksum_or_without_one_is_refused(cloud, tmp_path, sum):
    archive = tmp_path / "lapalma-1.0.0.tar.gz"
    archive.write_bytes(b"cut off")
    if sum:
        (tmp_path / "lapalma-1.0.0.tar.gz.sha256").write_text(f"{sum}  lapalma-1.0.0.tar.gz\n")
    result = run(
        cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", compose_stack_archive=str(archive)
    )
    result.refused().says("Set compose_stack_archive to the absolute path of an archive of `make dist`")
    result.says(f"{archive} is not such an archive, or its checksum differs.")


def test_an_archive_is_not_taken_for_the_one_that_its_checksum_names(cloud, tmp_path):
    whole, renamed = tmp_path / "lapalma-1.0.0.tar.gz", tmp_path / "latest.tar.gz"
    whole.write_bytes(b"whole")
    renamed.write_bytes(b"another one")
    sum = hashlib.sha256(b"whole").hexdigest()
    renamed.with_name("latest.tar.gz.sha256").write_text(f"{sum}  {whole.name}\n")
    result = run(
        cloud, "deploy", compose_stack_grafana_password="Krokodil-7-Wolke", compose_stack_archive=str(renamed)
    )
    result.refused().says(f"{renamed} is not such an archive, or its checksum differs.")


def test_a_repository_is_told_from_port_tag_and_digest(cloud, tmp_path):
    digest = "sha256:" + 32 * "0a"
    repositories = {
        "lapalma/dice:dev": "lapalma/dice",
        "dice": "dice",
        "registry:5000/dice:1": "registry:5000/dice",
        "registry:5000/dice": "registry:5000/dice",
        f"registry:5000/team/dice@{digest}": "registry:5000/team/dice",
        f"lapalma/dice:1@{digest}": "lapalma/dice",
    }
    message = "{{ compose_stack_image }} is of {{ _compose_stack_repository }}"
    named = shown(cloud, tmp_path, message, items=list(repositories))
    for image, repository in repositories.items():
        named.says(f"{image} is of {repository}")


def test_what_overrides_an_overlay_does_so_in_a_release_of_an_earlier_layout_too(cloud, tmp_path):
    files = ["docker-compose.yml", "compose/production.yml", "mine.yml"]
    message = "In this order: {{ _compose_stack_files | join(' ') }}"
    shown(cloud, tmp_path, message, compose_stack_files=files).says(
        "In this order: docker-compose.yml compose/production.yml docker-compose.production.yml mine.yml"
        " compose/app.yml docker-compose.app.yml"
    )


def test_with_collectors_and_a_store_that_exist_no_jaeger_runs_and_prometheus_writes_there(cloud, tmp_path):
    store = STORE | {
        "compose_stack_remote_write_user": "lapalma",
        "compose_stack_remote_write_password": "Hunter-2",
        "compose_stack_remote_write_replica": "b",
    }
    release = packed(cloud, tmp_path, **OTLP, **JAEGER, **store)

    services = compose(
        release, "docker-compose.yml", "compose/production.yml", "compose/collectors.yml"
    )
    stays = {"dice", "victorialogs", "prometheus", "alertmanager", "blackbox-exporter", "grafana", "node-exporter", "cadvisor"}
    assert set(services) == stays
    dice = services["dice"]["environment"]
    assert dice["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] == "http://collectors.internal:4318/v1/traces"
    assert dice["OTEL_RESOURCE_ATTRIBUTES"] == "service.instance.id=i-0123"
    assert services["grafana"]["environment"]["JAEGER_URL"] == "https://jaeger.example.com"

    prometheus = yaml.safe_load((release / "prometheus/prometheus.yml").read_text())
    assert prometheus.pop("remote_write") == [
        {
            "url": "https://store.example.com/api/v1/receive",
            "basic_auth": {"username": "lapalma", "password_file": "/run/secrets/remote-write"},
            "write_relabel_configs": [
                {"action": "labeldrop", "regex": "grafana_url|runbook_url|jaeger_url|victorialogs_url"},
                {"target_label": "cluster", "replacement": "lapalma"},
                {"target_label": "replica", "replacement": "b"},
            ],
        }
    ]
    assert prometheus == yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    checked(release, "prometheus/prometheus.yml", "prometheus", "promtool", "check", "config", "--syntax-only")
    mounts = {mount["target"]: mount["source"] for mount in services["prometheus"]["volumes"]}
    for targets in ("jaeger", "jaeger-spanmetrics"):
        assert yaml.safe_load((release / mounts[f"/etc/prometheus/targets/{targets}.yml"]).read_text()) == []

    secret = tmp_path / "secrets" / "remote-write"
    assert secret.read_text() == "Hunter-2"
    # Of Prometheus' user, nobody, and of no other.
    assert (secret.stat().st_uid, secret.stat().st_mode & 0o777) == (65534, 0o600)
    assert not [f for f in release.rglob("*") if f.is_file() and b"Hunter-2" in f.read_bytes()]


def test_with_a_kafka_and_a_cassandra_that_exist_traces_go_through_them(cloud, tmp_path):
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    logins = {
        f"compose_stack_{engine}_{name}": value
        for engine in ("kafka", "cassandra")
        for name, value in {
            "user": "lapalma",
            "password": 'Hunter-2: "$x" #',
            "tls": True,
            "ca": str(tmp_path / "ca.pem"),
        }.items()
    }
    settings = {
        "compose_stack_cassandra_datacenter": "us-east",
        "compose_stack_cassandra_create_schema": False,
    }
    release = packed(cloud, tmp_path, **KAFKA, **CASSANDRA, **logins, **settings)

    services = compose(
        release, "docker-compose.yml", "compose/production.yml", "compose/clusters.yml"
    )
    reads = {
        name: services[name]["command"][1].removeprefix("/etc/")
        for name in ("collector", "ingester", "jaeger")
    }
    assert reads == {
        "collector": "jaeger/collector.yaml",
        "ingester": "jaeger/ingester.yaml",
        "jaeger": "jaeger/query.yaml",
    }
    for read in [*reads.values(), "prometheus/clusters/jaeger.yml"]:
        assert (release / read).exists()
    of_kafka = {
        "KAFKA_BROKERS": "b-1.internal:9093,b-2.internal:9093",
        "KAFKA_TOPIC": "jaeger-spans",
        "KAFKA_AUTH": "$${file:/run/secrets/kafka-auth}",
        "KAFKA_TLS_INSECURE": "false",
        "KAFKA_TLS_CA_FILE": "/etc/jaeger/kafka-ca.pem",
    }
    of_cassandra = {
        "CASSANDRA_SERVERS": "c-1.internal,c-2.internal:9142",
        "CASSANDRA_DATACENTER": "us-east",
        "CASSANDRA_KEYSPACE": "jaeger",
        "CASSANDRA_AUTH": "$${file:/run/secrets/cassandra-auth}",
        "CASSANDRA_TLS_INSECURE": "false",
        "CASSANDRA_TLS_CA_FILE": "/etc/jaeger/cassandra-ca.pem",
    }
    of_tables = {"CASSANDRA_CREATE_SCHEMA": "false", "CASSANDRA_REPLICATION_FACTOR": "3"}
    for name, wanted in {
        "collector": of_kafka,
        "ingester": of_kafka | of_cassandra | of_tables,
        "jaeger": of_cassandra,
    }.items():
        found = {
            k: v for k, v in services[name]["environment"].items() if k.startswith(("KAFKA", "CASSANDRA"))
        }
        assert found == wanted
    for engine in ("kafka", "cassandra"):
        assert "BEGIN CERTIFICATE" in (release / f"jaeger/{engine}-ca.pem").read_text()

    # Jaeger takes two dollars for one.
    login = {"username": "lapalma", "password": 'Hunter-2: "$$x" #'}
    for file, content in {
        "kafka-auth": {"sasl": {"mechanism": "SCRAM-SHA-512"} | login},
        "cassandra-auth": {"basic": login},
    }.items():
        secret = tmp_path / "secrets" / file
        assert yaml.safe_load(secret.read_text()) == content
        # Of the user of Jaeger's image, and of no other.
        assert (secret.stat().st_uid, secret.stat().st_mode & 0o777) == (10001, 0o600)
    assert not [f for f in release.rglob("*") if f.is_file() and b"Hunter-2" in f.read_bytes()]


def test_no_secret_is_told_however_much_is_asked(cloud, tmp_path):
    inputs = SWITCH | STORE | KAFKA | CASSANDRA | {"compose_stack_remote_write_token": "Hunter-2-token"}
    for of_receiver, _ in RECEIVERS.values():
        inputs |= of_receiver
    for engine in ("kafka", "cassandra"):
        inputs[f"compose_stack_{engine}_user"] = "lapalma"
        inputs[f"compose_stack_{engine}_password"] = f"Hunter-2-{engine}"

    said = pack(cloud, tmp_path, "-vvv", **inputs).output

    kept = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert kept.keys() == {
        *(file for _, file in RECEIVERS.values() if file),
        *("dead-mans-switch-url", "remote-write", "kafka-auth", "cassandra-auth", "grafana-admin-password"),
    }
    assert "Krokodil-7-Wolke" not in said
    for kind in (*RECEIVERS, "switch", "token", "kafka", "cassandra"):
        assert f"Hunter-2-{kind}" not in said, kind


def test_an_instance_for_dice_gets_dice_and_exporters_only(cloud, tmp_path):
    endpoints = {
        "compose_stack_otlp_endpoint": "http://10.0.0.7:4318",
        "compose_stack_sampling_endpoint": "http://10.0.0.7:5778/api/sampling",
        "compose_stack_logs_endpoint": "http://10.0.0.7:9428",
    }
    release = packed(cloud, tmp_path, compose_stack_app_only=True, **endpoints)
    top = {".env", "deploy.env", "agent-config", "docker-compose.yml", "compose"}
    assert {path.name for path in release.iterdir()} == top
    assert {path.name for path in (release / "compose").iterdir()} == {"production.yml", "app.yml"}
    services = compose(
        release, "docker-compose.yml", "compose/production.yml", "compose/app.yml"
    )
    assert set(services) == {"dice", "node-exporter", "cadvisor"}
    dice = services["dice"]["environment"]
    assert dice["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] == "http://10.0.0.7:4318/v1/traces"
    assert dice["JAEGER_SAMPLING_ENDPOINT"] == "http://10.0.0.7:5778/api/sampling"
    assert dice[LOGS] == "http://10.0.0.7:9428/insert/opentelemetry/v1/logs"
    assert dice["LOG_EXPORT"] == "true"
    assert published(services["dice"]) == {"10.0.1.23:5000", "10.0.1.23:9464"}


def published(service):
    return {f"{port['host_ip']}:{port['published']}" for port in service["ports"]}


@pytest.mark.parametrize("traces", [{}, OTLP | JAEGER, KAFKA | CASSANDRA], ids=["here", "collectors", "clusters"])
def test_log_lines_stay_on_the_instance_and_those_of_others_come_there(cloud, tmp_path, traces):
    overlay = {"compose_stack_otlp_endpoint": ["compose/collectors.yml"], "compose_stack_kafka_brokers": [CLUSTERS]}
    files = [*PRODUCTION, *overlay.get(next(iter(traces), ""), [])]
    for name, others, at in (("alone", [], []), ("beside", ["lapalma-app-1"], ["10.0.1.23:9428"])):
        (tmp_path / name).mkdir()
        release = packed(cloud, tmp_path / name, compose_stack_app_hosts=others, **traces)
        services = compose(release, *files)
        dice = services["dice"]["environment"]
        assert dice[LOGS] == "http://victorialogs:9428/insert/opentelemetry/v1/logs"
        assert published(services["victorialogs"]) == {"127.0.0.1:9428", *at}


def test_victorialogs_keeps_what_the_inputs_say_and_dice_sends_as_they_say(cloud, tmp_path):
    inputs = {
        "compose_stack_logs_retention": "3w",
        "compose_stack_logs_retention_size": "512MiB",
        "compose_stack_log_export": False,
    }
    services = compose(packed(cloud, tmp_path, **inputs), *PRODUCTION)
    kept = services["victorialogs"]["environment"]
    assert (kept["VL_retentionPeriod"], kept["VL_retention_maxDiskSpaceUsageBytes"]) == ("3w", "512MiB")
    assert services["dice"]["environment"]["LOG_EXPORT"] == "false"


def test_strangers_do_not_decide_how_much_is_recorded(cloud, tmp_path):
    release = packed(cloud, tmp_path)
    deployed = compose(release, *PRODUCTION)["dice"]["environment"]
    inside = compose(release, "docker-compose.yml")["dice"]["environment"]
    for name, outside, within in (
        ("SAMPLING_FOLLOW_CALLERS", "false", "true"),
        ("KEEP_UNSAMPLED_PER_SECOND", "5", "100"),
    ):
        assert (deployed[name], inside[name]) == (outside, within)


@pytest.mark.parametrize("others", [[], ["lapalma-app-1"]], ids=["alone", "beside another"])
def test_dice_drains_until_the_balancer_notices_where_another_instance_answers(cloud, tmp_path, others):
    release = packed(cloud, tmp_path, compose_stack_app_hosts=others)
    dice = compose(release, "docker-compose.yml", "compose/production.yml")["dice"]
    # aws_infra makes the target group with the same.
    check = yaml.safe_load((ANSIBLE / "group_vars/all.yml").read_text())["stack_health_check"]
    notices = check["interval"] * check["unhealthy"]
    assert dice["environment"]["DRAIN_SECONDS"] == str(notices if others else 0)


def test_remote_write_by_a_token_says_so(cloud, tmp_path):
    release = packed(cloud, tmp_path, **STORE, compose_stack_remote_write_token="Hunter-2")
    [store] = yaml.safe_load((release / "prometheus/prometheus.yml").read_text())["remote_write"]
    assert store["authorization"] == {"credentials_file": "/run/secrets/remote-write"}
    assert "basic_auth" not in store


ALERTMANAGER = "prometheus/alertmanager/alertmanager.yml"


def alerting(release):
    """What Alertmanager reads, whom it alerts, and whom it calls as long as that works."""
    checked(release, ALERTMANAGER, "prometheus/alertmanager", "amtool", "check-config")
    configuration = yaml.safe_load((release / ALERTMANAGER).read_text())
    names = [receiver["name"] for receiver in configuration["receivers"]]
    assert names == [configuration["route"]["receiver"], "dead-mans-switch"]
    return configuration, *({k: v for k, v in r.items() if k != "name"} for r in configuration["receivers"])


def files_of(release):
    return [file for file in release.rglob("*") if file.is_file()]


def test_without_an_input_alertmanager_sends_nothing_and_its_receiver_says_so(cloud, tmp_path):
    configuration, ops, switch = alerting(packed(cloud, tmp_path))
    assert (configuration["route"]["receiver"], ops, switch) == ("sends-nothing", {}, {})
    assert configuration == yaml.safe_load((ROOT / ALERTMANAGER).read_text())


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({}, "Alertmanager notifies nobody: set a receiver, such as compose_stack_alert_url, and run make deploy."),
        (RECEIVERS["webhook"][0], "Alertmanager notifies the receivers of the inputs."),
    ],
)
def test_site_ends_by_saying_whom_alerts_notify(cloud, inputs, sentence):
    last = ("--start-at-task", "Show whom Alertmanager notifies")
    run(cloud, "site", *last, **inputs).ok().says(sentence)


@pytest.mark.parametrize("kind", RECEIVERS)
def test_each_kind_of_receiver_is_rendered_and_its_secret_is_a_file(cloud, tmp_path, kind):
    inputs, secret = RECEIVERS[kind]
    release = packed(cloud, tmp_path, **inputs)
    configuration, ops, switch = alerting(release)
    assert (configuration["route"]["receiver"], list(ops), switch) == ("ops", [f"{kind}_configs"], {})
    assert not [file for file in files_of(release) if b"Hunter-2" in file.read_bytes()]

    secrets = tmp_path / "secrets"
    assert {path.name for path in secrets.iterdir()} == {"grafana-admin-password", secret} - {None}
    if secret:
        file = secrets / secret
        assert file.read_text().endswith(f"Hunter-2-{kind}")
        # Of Alertmanager's user, nobody, and of no other.
        assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (65534, 0o600)
        assert model(release, *PRODUCTION)["secrets"][secret]["file"] == str(file)


def test_all_receivers_together_are_those_of_the_example(cloud, tmp_path):
    inputs = SWITCH | {name: value for kind, _ in RECEIVERS.values() for name, value in kind.items()}
    configuration, *_ = alerting(packed(cloud, tmp_path, **inputs))
    example = yaml.safe_load((ROOT / "prometheus/alertmanager/receivers.example.yml").read_text())
    assert configuration["receivers"] == example["receivers"]


def test_alerts_say_which_stack_they_come_from_and_link_to_where_a_browser_gets(cloud, tmp_path):
    release = packed(
        cloud,
        tmp_path,
        stack_name="second",
        stack_environment="staging",
        compose_stack_prometheus_url="https://prometheus.example.com/",
        compose_stack_alertmanager_url="https://alerts.example.com/am",
    )
    services = compose(release, *PRODUCTION)
    environment = services["prometheus"]["environment"]
    names = ("STACK_NAME", "DEPLOYMENT_ENVIRONMENT", "STACK_REGION")
    assert [environment[name] for name in names] == ["second", "staging", "us-east-1"]
    assert "--web.external-url=https://prometheus.example.com/" in services["prometheus"]["command"]
    assert "--web.external-url=https://alerts.example.com/am" in services["alertmanager"]["command"]


def version(release):
    return compose(release, *PRODUCTION)["dice"]["environment"]["APP_VERSION"]


def test_dice_is_named_by_what_it_is_made_of_and_by_nothing_else(cloud, tmp_path):
    releases = {}
    for name, inputs in {
        "first": {},
        "another runbook": {"compose_stack_runbook_url": "https://example.com/runbook"},
        "another image": {"compose_stack_image_to_run": "registry.example.com/dice:2"},
        "a version": {"compose_stack_app_version": "1.2.3"},
    }.items():
        (tmp_path / name).mkdir()
        releases[name] = packed(cloud, tmp_path / name, **inputs)
    versions = {name: version(release) for name, release in releases.items()}
    assert re.fullmatch("[0-9a-f]{12}", versions["first"])
    assert releases["another runbook"].name != releases["first"].name
    assert versions["another runbook"] == versions["first"]
    assert versions["another image"] not in ("dev", versions["first"])
    assert versions["a version"] == "1.2.3"


def test_an_instance_for_dice_runs_the_same_version_as_the_stack(cloud, tmp_path):
    (tmp_path / "stack").mkdir()
    (tmp_path / "app").mkdir()
    stack = packed(cloud, tmp_path / "stack")
    app = packed(
        cloud,
        tmp_path / "app",
        compose_stack_app_only=True,
        compose_stack_otlp_endpoint="http://10.0.0.7:4318",
        compose_stack_logs_endpoint="http://10.0.0.7:9428",
    )
    assert stack.name != app.name
    of_app = compose(app, *PRODUCTION, "compose/app.yml")["dice"]["environment"]["APP_VERSION"]
    assert of_app == version(stack)


def test_prometheus_looks_for_dice_only_on_instances_that_a_deploy_has_tagged(cloud, tmp_path):
    release = packed(
        cloud, tmp_path, compose_stack_vpc_id="vpc-0123", compose_stack_app_hosts=["lapalma-app-1"]
    )
    for job in yaml.safe_load((release / "prometheus/scrape.d/app.yml").read_text())["scrape_configs"]:
        [discovery] = job["ec2_sd_configs"]
        filters = {one["name"]: one["values"] for one in discovery["filters"]}
        assert filters["tag-key"] == ["Release"], job["job_name"]
        assert filters["tag:Role"] == ["app"]
    # An instance that is terminated is not found any more, but missed.
    [objectives] = yaml.safe_load((release / "prometheus/rules/objectives.yml").read_text())["groups"]
    expected = [r["expr"] for r in objectives["rules"] if r["record"] == "service:instances:expected"]
    assert expected == ["vector(2)"]
