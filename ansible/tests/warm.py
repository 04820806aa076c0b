"""A Python that has imported what Ansible's modules import.

A playbook runs dozens of modules, each in a new Python that imports the same libraries: for a second on this machine, and
for a quarter of a second on a host. This Python forks instead: each module still gets a process of its own, with its own
environment and user, and runs the code that Ansible sends.
"""

import atexit
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

IMPORTED = """
    ansible.module_utils._internal._ansiballz._loader ansible.module_utils.basic ansible.module_utils.urls
""".split()
IMPORTED_HERE = """
    boto3 botocore.waiter ansible.module_utils.common.dict_transformations
    ansible_collections.amazon.aws.plugins.module_utils.ec2
    ansible_collections.amazon.aws.plugins.module_utils.elbv2
    ansible_collections.amazon.aws.plugins.module_utils.iam
    ansible_collections.amazon.aws.plugins.module_utils.modules
    ansible_collections.amazon.aws.plugins.module_utils.waiters
""".split()
IMPORTED_ON_HOSTS = """
    ansible.module_utils.common.file ansible.module_utils.service ansible.module_utils.splitter
""".split()

# Starts a warm Python on a host. Ansible finds the client before the interpreter, because /usr/local/bin comes first in the
# PATH. The warm Python ends with its standard input, which sleep keeps open.
ON_HOST = """
cat >/etc/systemd/system/warm-python.service <<'END'
[Service]
Environment=PYTHONPATH={library}
ExecStart=/bin/sh -c 'sleep infinity | exec {python} {script} {address} {imported}'
[Install]
WantedBy=multi-user.target
END
cat >/usr/local/bin/$(basename {python}) <<'END'
{client}END
chmod 755 /usr/local/bin/$(basename {python})
systemctl daemon-reload
systemctl enable --quiet --now warm-python.service
"""


def start():
    """The path of an interpreter, for as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="warm-python-"))
    address = folder / "socket"
    client = folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    # It ends with its standard input.
    server = subprocess.Popen(
        [sys.executable, __file__, address, *IMPORTED, *IMPORTED_HERE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout.readline() == "ready\n"
    atexit.register(lambda: (server.stdin.close(), server.wait(), shutil.rmtree(folder)))
    return client


def on_host():
    """The volumes that a host's container needs, and the commands that then start a warm Python in it."""
    library, script, address = "/opt/warm-python", "/opt/warm-python.py", "/run/warm-python"
    # The Python of the hosts' Debian.
    python = "/usr/bin/python3.13"
    of_ansible = importlib.util.find_spec("ansible").submodule_search_locations[0]
    volumes = [f"--volume={of_ansible}:{library}/ansible:ro", f"--volume={__file__}:{script}:ro"]
    client = CLIENT.format(python=python, address=address)
    imported = " ".join(IMPORTED + IMPORTED_ON_HOSTS)
    return volumes, ON_HOST.format(
        library=library, python=python, script=script, address=address, imported=imported, client=client
    )


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


def serve(address, *imported):
    # The folder of this file has modules with the names of libraries.
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)]
    for name in imported:
        importlib.import_module(name)
    sys.meta_path.append(SentModules)
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
