"""What a deploy asks of a real Alertmanager: to hold back the alerts of its own restarts, and for how long."""

import os
import socket
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
import requests
import yaml
from playbook import ANSIBLE, run
from waiting import wait_until

ROOT = ANSIBLE.parent

# The alerts of each silence, and how long they are silenced after a deploy.
DOWN = {"TargetMissing", "DiceDown"}
RESTARTS = {"DiceRestarting", "ContainerRestarting", "AgentExportFailing", "AgentQueueFull"}
A_MINUTE, SIXTEEN_MINUTES = timedelta(minutes=1), timedelta(minutes=16)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alertmanager")
    find = [ROOT / "tools" / "find-program", ROOT / "prometheus/alertmanager"]
    program = subprocess.run(find, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    command = [program, f"--config.file={ROOT}/prometheus/alertmanager/alertmanager.yml"]
    command += [f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{number}"]
    with subprocess.Popen([*command, "--cluster.listen-address="], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: answers(number), True, "Alertmanager")
            yield number
        finally:
            process.terminate()


def answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).ok
    except requests.ConnectionError:
        return False


def active_silences(port):
    silences = requests.get(f"http://127.0.0.1:{port}/api/v2/silences", timeout=5).json()
    return [silence for silence in silences if silence["status"]["state"] == "active"]


def part_of_the_role(tasks_from, **variables):
    return {
        "name": "As a deploy does",
        "ansible.builtin.include_role": {"name": "compose_stack", "tasks_from": tasks_from},
        "vars": variables,
    }


def silences(*lasts):
    """As a deploy does at its beginning, and at its end."""
    return [part_of_the_role("silence", compose_stack_silence_seconds=seconds) for seconds in lasts]


def deploy(cloud, folder, port, tasks, env=None, **inputs):
    play = {"name": "Deploy", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (folder / "deploy.yml").write_text(yaml.safe_dump([play]))
    ports = yaml.safe_load((ANSIBLE / "group_vars/all.yml").read_text())["stack_ports"]
    mine = {
        "stack_ports": ports | {"alertmanager": port},
        "compose_stack_silence_host": "localhost",
        "compose_stack_private_address": "10.0.1.23",
        "compose_stack_folder": str(folder / "stack"),
    }
    arguments = ["-i", "localhost,", "-e", "@group_vars/all.yml"]
    return run(cloud, str(folder / "deploy"), *arguments, env=env, **(mine | inputs))


def forget_silences(port):
    for silence in active_silences(port):
        requests.delete(f"http://127.0.0.1:{port}/api/v2/silence/{silence['id']}", timeout=5)


def ends(port):
    """When each alert is no longer silenced, from now on."""
    found = {}
    for silence in active_silences(port):
        [alerts] = [matcher["value"] for matcher in silence["matchers"] if matcher["name"] == "alertname"]
        left = datetime.fromisoformat(silence["endsAt"]) - datetime.now(timezone.utc)
        found |= {alert: max(left, found.get(alert, left)) for alert in alerts.split("|")}
    return found


def assert_they_end_soon_after_the_deploy(port):
    left = ends(port)
    assert left.keys() == DOWN | RESTARTS
    assert all(left[alert] <= A_MINUTE for alert in DOWN)
    # They count the restarts of the last 15 minutes.
    assert all(A_MINUTE < left[alert] <= SIXTEEN_MINUTES for alert in RESTARTS)


@pytest.fixture
def silenced(cloud, tmp_path, port):
    """Deploys, and says whether an alert with some labels is held back then."""

    def silenced(**inputs):
        deploy(cloud, tmp_path, port, silences(900), **inputs).ok()

        def holds_back(**labels):
            alert = {"labels": {"stack": "lapalma", "severity": "page"} | labels}
            requests.post(f"http://127.0.0.1:{port}/api/v2/alerts", json=[alert], timeout=5).raise_for_status()
            filters = [f'{name}="{value}"' for name, value in labels.items()]
            ask = {"params": {"filter": filters}, "timeout": 5}
            wanted = labels | {"stack": "lapalma", "severity": "page"}

            def found():
                alerts = requests.get(f"http://127.0.0.1:{port}/api/v2/alerts", **ask).json()
                return [alert for alert in alerts if alert["labels"] == wanted]

            wait_until(lambda: len(found()), 1, f"the alert {labels}")
            return len(found()[0]["status"]["silencedBy"]) == 1

        return holds_back

    forget_silences(port)
    return silenced


def test_a_deploy_to_the_stack_holds_back_what_restarts_there(silenced):
    holds_back = silenced()
    assert holds_back(alertname="DiceDown", job="dice")
    assert holds_back(alertname="TargetMissing", job="dice", instance="dice:5000")
    assert holds_back(alertname="TargetMissing", job="prometheus", instance="127.0.0.1:9090")
    assert holds_back(alertname="TargetMissing", job="probe-health", instance="https://dice.example.com/health")
    assert holds_back(alertname="DiceRestarting", instance="dice:9464")
    assert holds_back(alertname="ContainerRestarting", instance="cadvisor:8080", name="lapalma-dice-1")
    # The Jaeger and the VictoriaLogs here restart, to which every instance exports.
    assert holds_back(alertname="AgentExportFailing", instance="dice:9464")
    assert holds_back(alertname="AgentExportFailing", instance="10.0.2.41:9464")
    # Another instance's, and what users notice.
    assert not holds_back(alertname="TargetMissing", job="dice", instance="10.0.2.41:5000")
    assert not holds_back(alertname="DiceRestarting", instance="10.0.2.41:9464")
    assert not holds_back(alertname="ErrorBudgetBurnsFast", slo="availability")
    assert not holds_back(alertname="ReachabilityBurnsFast", slo="reachability")


def test_log_lines_of_every_instance_are_lost_meanwhile_where_traces_go_elsewhere_too(silenced):
    holds_back = silenced(compose_stack_otlp_endpoint="http://collectors.internal:4318")
    assert holds_back(alertname="AgentExportFailing", signal="log lines", instance="10.0.2.41:9464")


def test_a_deploy_to_one_of_several_instances_holds_back_that_one_only(silenced):
    holds_back = silenced(
        compose_stack_app_only=True,
        compose_stack_app_hosts=["app-1", "app-2"],
        compose_stack_otlp_endpoint="http://10.0.1.7:4318",
    )
    assert holds_back(alertname="TargetMissing", job="dice", instance="10.0.1.23:5000")
    assert holds_back(alertname="DiceRestarting", instance="10.0.1.23:9464")
    assert holds_back(alertname="AgentExportFailing", instance="10.0.1.23:9464")
    assert not holds_back(alertname="AgentExportFailing", instance="10.0.2.41:9464")
    assert not holds_back(alertname="TargetMissing", job="dice", instance="10.0.1.230:5000")
    assert not holds_back(alertname="TargetMissing", job="dice", instance="dice:5000")
    # One of three is less than half: dice as a whole is not down because of this deploy.
    assert not holds_back(alertname="DiceDown", job="dice")


def test_the_silences_end_by_themselves_and_soon_after_the_deploy(cloud, tmp_path, port):
    forget_silences(port)
    deploy(cloud, tmp_path, port, silences(900)).ok()
    left = ends(port)
    assert left.keys() == DOWN | RESTARTS
    assert all(timedelta(seconds=840) < left[alert] <= timedelta(seconds=900) for alert in DOWN)
    assert all(timedelta(seconds=1740) < left[alert] <= timedelta(seconds=1800) for alert in RESTARTS)

    forget_silences(port)
    deploy(cloud, tmp_path, port, silences(900, 60)).ok()
    assert_they_end_soon_after_the_deploy(port)
    assert {silence["comment"] for silence in active_silences(port)} == {"Deploy to localhost"}


def test_the_silences_of_a_failed_deploy_end_as_soon(cloud, tmp_path, port):
    forget_silences(port)
    # There is no such release to lay out.
    never_brought = {
        "compose_stack_wanted": "3f0c8a7b91de",
        "compose_stack_runs": "",
        "compose_stack_kept": [],
        "compose_stack_checked": {"files": []},
    }
    (
        deploy(cloud, tmp_path, port, [part_of_the_role("run")], **never_brought)
        .refused()
        .says("Release 3f0c8a7b91de did not become healthy")
    )
    assert_they_end_soon_after_the_deploy(port)


@pytest.mark.parametrize(
    ("target_group", "seconds"),
    [
        # Two starts of 100 s.
        ("", 2 * 100 + 300),
        # Twice out of the balancer, a start, and back: an earlier deploy may have left it on its way out.
        ("lapalma-dice", 2 * (120 + 100 + 120 + 100) + 300),
    ],
)
def test_a_silence_outlasts_two_starts(cloud, tmp_path, port, target_group, seconds):
    forget_silences(port)
    inputs = {"compose_stack_wait_seconds": 100, "compose_stack_target_group": target_group}
    deploy(cloud, tmp_path, port, silences("{{ _compose_stack_deploy_seconds }}"), **inputs).ok()
    left = ends(port)["TargetMissing"]
    assert timedelta(seconds=seconds - 60) < left <= timedelta(seconds=seconds)


def clock(folder, says):
    """The environment in which `date` says so, of Alertmanager's host and not of the operator's Python."""
    date = folder / "bin" / "date"
    date.parent.mkdir()
    date.write_text(f"#!/bin/sh\nexec /bin/date --date='{says}' \"$@\"\n")
    date.chmod(0o755)
    return {"PATH": f"{date.parent}:{os.environ['PATH']}"}


def test_the_clock_of_alertmanagers_host_counts(cloud, tmp_path, port):
    forget_silences(port)
    deploy(cloud, tmp_path, port, silences(900), env=clock(tmp_path, "200 seconds ago")).ok()
    assert timedelta(seconds=640) < ends(port)["TargetMissing"] <= timedelta(seconds=700)


def test_a_silence_that_alertmanager_refuses_is_told_and_the_deploy_goes_on(cloud, tmp_path, port):
    forget_silences(port)
    (
        deploy(cloud, tmp_path, port, silences(900), env=clock(tmp_path, "3 hours ago"))
        .ok()
        .says("Alertmanager on localhost did not accept a silence (")
        .says("be in the past): restarts of this deploy may alert by DiceRestarting, ContainerRestarting.")
        .says("restarts of this deploy may alert by AgentExportFailing, AgentQueueFull.")
    )
    assert active_silences(port) == []


def test_without_an_alertmanager_nothing_is_silenced_and_the_deploy_goes_on(cloud, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
        deploy(cloud, tmp_path, nobody, silences(900, 60)).ok()
