"""A Python that has already imported Ansible, or the libraries of its modules.

A playbook takes two seconds to import Ansible, to find its plugins and to read Botocore's description of EC2. Then it runs
dozens of modules. Each starts a Python that imports the same libraries, which takes a second on this machine, and a quarter
of a second on a host. This Python forks instead. Each playbook and each module still has a process of its own, with its own
environment and user. The process runs the code that it reads from standard input.
"""

import atexit
import fcntl
import importlib.machinery
import importlib.util
import marshal
import os
import pwd
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
import types
from pathlib import Path

# Takes the place of the interpreter: passes everything to the warm Python, and ends as the module did. If no warm Python
# runs, it starts the interpreter.
CLIENT = """#!{python} -IS
import marshal, os, socket, sys
def run_cold():
    os.execv("{python}", ["{python}", *sys.argv[1:]])
if len(sys.argv) > 1:
    run_cold()
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as warm:
    try:
        warm.connect("{address}")
    except OSError:
        run_cold()
    socket.send_fds(warm, [marshal.dumps((os.getcwd(), dict(os.environ)))], [0, 1, 2])
    code = warm.recv(8)
sys.exit(int(code or 1))
"""

OF_MODULES = """
    ansible.module_utils._internal._ansiballz._loader ansible.module_utils.basic ansible.module_utils.urls
""".split()
OF_MODULES_HERE = """
    boto3 botocore.waiter ansible.module_utils.common.dict_transformations
    ansible_collections.amazon.aws.plugins.module_utils.ec2
    ansible_collections.amazon.aws.plugins.module_utils.elbv2
    ansible_collections.amazon.aws.plugins.module_utils.iam
    ansible_collections.amazon.aws.plugins.module_utils.modules
    ansible_collections.amazon.aws.plugins.module_utils.waiters
""".split()
OF_MODULES_ON_HOSTS = """
    ansible.module_utils.common.file ansible.module_utils.service ansible.module_utils.splitter
""".split()
OF_PLAYBOOKS = """
    ansible.cli.playbook ansible.plugins.strategy.linear
    ansible_collections.amazon.aws.plugins.inventory.aws_ec2
""".split()

# Starts a warm Python on a host. Ansible finds the client before the interpreter, because /usr/local/bin comes first in the
# PATH. The warm Python ends with its standard input, which sleep keeps open.
ON_HOST = """
cat >/etc/systemd/system/warm-python.service <<'END'
[Service]
Environment=PYTHONPATH={library}
ExecStart=/bin/sh -c 'sleep infinity | exec {python} {script} {address} modules_on_hosts'
[Install]
WantedBy=multi-user.target
END
cat >/usr/local/bin/$(basename {python}) <<'END'
{client}END
chmod 755 /usr/local/bin/$(basename {python})
systemctl daemon-reload
systemctl enable --quiet --now warm-python.service
"""


def start(purpose, folder=None):
    """The path of an interpreter, which works for as long as this process lives.

    `purpose` is the name of the function below that imports, in that folder, what will be run.
    """
    at = Path(tempfile.mkdtemp(prefix="warm-python-"))
    address = at / "socket"
    client = at / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    # It ends with its standard input.
    server = subprocess.Popen(
        [sys.executable, __file__, address, purpose],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout.readline() == "ready\n"
    atexit.register(lambda: (server.stdin.close(), server.wait(), shutil.rmtree(at)))
    return client


def on_host():
    """The volumes that a host's container needs, and the commands that then start a warm Python in it."""
    library, script, address = "/opt/warm-python", "/opt/warm-python.py", "/run/warm-python"
    # The Python of the hosts' Debian.
    python = "/usr/bin/python3.13"
    of_ansible = importlib.util.find_spec("ansible").submodule_search_locations[0]
    volumes = [f"--volume={of_ansible}:{library}/ansible:ro", f"--volume={__file__}:{script}:ro"]
    client = CLIENT.format(python=python, address=address)
    return volumes, ON_HOST.format(library=library, python=python, script=script, address=address, client=client)


def modules_on_hosts():
    import_all(OF_MODULES + OF_MODULES_ON_HOSTS)
    sys.meta_path.append(SentModules)


def modules_here():
    import_all(OF_MODULES + OF_MODULES_HERE)
    sys.meta_path.append(SentModules)
    read_models_of_aws()


def playbooks():
    from ansible.plugins import loader

    loader.init_plugin_loader()
    import_all(OF_PLAYBOOKS)
    for plugins in (loader.filter_loader, loader.test_loader):
        list(plugins.all())
    read_models_of_aws()


def import_all(names):
    for name in names:
        importlib.import_module(name)


def read_models_of_aws():
    """Lets all sessions of Botocore share one loader, because a new one reads the description of a service again."""
    import boto3
    import botocore.session

    loader = botocore.session.create_loader()
    botocore.session.create_loader = lambda search_path: loader
    session = boto3.session.Session(region_name="us-east-1")
    for service in ("cloudwatch", "ec2", "elbv2", "iam", "sns", "sts"):
        session.client(service)


class SentModules:
    """Finds a module of a role, which is nowhere but in what Ansible sent: `ansible`, which is imported, is elsewhere."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not name.startswith("ansible."):
            return None
        parents = name.split(".")[:-1]
        return importlib.machinery.PathFinder.find_spec(name, ["/".join([sys.path[0], *parents])])


def bury(*_):
    """Forks that have ended, of which several may tell so at once."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def serve(address, purpose):
    # The folder of this file has modules with the names of libraries.
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)]
    globals()[purpose]()
    signal.signal(signal.SIGCHLD, bury)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        os.chmod(address, 0o666)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                become_the_user_of(connection)
                run_what_comes(connection)
            connection.close()


def become_the_user_of(connection):
    _, user, group = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if user != os.getuid():
        os.initgroups(pwd.getpwuid(user).pw_name, group)
        os.setgid(group)
        os.setuid(user)


def run_what_comes(connection):
    code = 1
    try:
        message, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        # If the client ends first, SIGIO ends this process.
        fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(connection, fcntl.F_SETFL, fcntl.fcntl(connection, fcntl.F_GETFL) | os.O_ASYNC)
        folder, environment = marshal.loads(message)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        with open(0, closefd=False) as standard_input:
            source = standard_input.read()
        sys.argv = [""]
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(source, "<stdin>", "exec"), main.__dict__)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    serve(*sys.argv[1:])
