"""What a deploy asks of a real Alertmanager: to hold back the alerts of its own restarts, and for how long."""

import socket
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
import yaml
from playbook import ANSIBLE, run
from waiting import wait_until

ROOT = ANSIBLE.parent

SILENCE = """
- name: Silence
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: As a deploy does, at its beginning and at its end
      ansible.builtin.include_role:
        name: compose_stack
        tasks_from: silence
      loop: "{{ lasts }}"
      loop_control:
        loop_var: compose_stack_silence_seconds
"""


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


def deploy(cloud, folder, port, lasts, **inputs):
    (folder / "silence.yml").write_text(SILENCE)
    ports = yaml.safe_load((ANSIBLE / "group_vars/all.yml").read_text())["stack_ports"]
    mine = {
        "lasts": lasts,
        "stack_ports": ports | {"alertmanager": port},
        "compose_stack_silence_host": "localhost",
        "compose_stack_private_address": "10.0.1.23",
    }
    play = Path(folder / "silence")
    return run(cloud, str(play), "-i", "localhost,", "-e", "@group_vars/all.yml", **(mine | inputs))


@pytest.fixture
def silenced(cloud, tmp_path, port):
    """Deploys, and says whether an alert with some labels is held back then."""

    def silenced(**inputs):
        deploy(cloud, tmp_path, port, [900], **inputs).ok()
        [silence] = active_silences(port)
        ids.append(silence["id"])

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
            return found()[0]["status"]["silencedBy"] == [silence["id"]]

        return holds_back

    ids = []
    yield silenced
    for silence in ids:
        requests.delete(f"http://127.0.0.1:{port}/api/v2/silence/{silence}", timeout=5)


def test_a_deploy_to_the_stack_holds_back_what_restarts_there(silenced):
    holds_back = silenced()
    assert holds_back(alertname="DiceDown", job="dice")
    assert holds_back(alertname="TargetMissing", job="dice", instance="dice:5000")
    assert holds_back(alertname="TargetMissing", job="prometheus", instance="127.0.0.1:9090")
    assert holds_back(alertname="DiceRestarting", instance="dice:9464")
    assert holds_back(alertname="ContainerRestarting", instance="cadvisor:8080", name="lapalma-dice-1")
    # Another instance's, and what users notice.
    assert not holds_back(alertname="TargetMissing", job="dice", instance="10.0.2.41:5000")
    assert not holds_back(alertname="ErrorBudgetBurnsFast", slo="availability")


def test_a_deploy_to_one_of_several_instances_holds_back_that_one_only(silenced):
    holds_back = silenced(compose_stack_app_only=True, compose_stack_app_hosts=["app-1", "app-2"])
    assert holds_back(alertname="TargetMissing", job="dice", instance="10.0.1.23:5000")
    assert holds_back(alertname="DiceRestarting", instance="10.0.1.23:9464")
    assert not holds_back(alertname="TargetMissing", job="dice", instance="10.0.1.230:5000")
    assert not holds_back(alertname="TargetMissing", job="dice", instance="dice:5000")
    # One of three is less than half: dice as a whole is not down because of this deploy.
    assert not holds_back(alertname="DiceDown", job="dice")


def test_the_silence_ends_by_itself_and_soon_after_the_deploy(cloud, tmp_path, port):
    deploy(cloud, tmp_path, port, [900]).ok()
    [silence] = active_silences(port)
    assert ends_in(silence) <= timedelta(seconds=900)

    deploy(cloud, tmp_path, port, [900, 60]).ok()
    found = [silence for silence in active_silences(port) if ends_in(silence) <= timedelta(seconds=60)]
    assert len(found) == 1
    assert found[0]["comment"] == "Deploy to localhost"
    for silence in active_silences(port):
        requests.delete(f"http://127.0.0.1:{port}/api/v2/silence/{silence['id']}", timeout=5)


def ends_in(silence):
    return datetime.fromisoformat(silence["endsAt"]) - datetime.now(timezone.utc)


def test_without_an_alertmanager_nothing_is_silenced_and_the_deploy_goes_on(cloud, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
        deploy(cloud, tmp_path, nobody, [900, 60]).ok()
