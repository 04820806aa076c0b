"""A Python that has imported what Ansible's modules for AWS import.

A playbook runs dozens of modules here, each in a new Python that imports the same libraries for a second. This one forks
instead: a module still gets a process of its own, with its own environment, and is the code that Ansible sends.
"""

import atexit
import importlib.machinery
import marshal
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
from pathlib import Path

# Takes the place of the interpreter: hands everything on, and ends as the module did.
CLIENT = """#!{python} -IS
import marshal, os, socket, sys
if len(sys.argv) > 1:
    os.execv("{python}", ["{python}", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as warm:
    warm.connect("{address}")
    socket.send_fds(warm, [marshal.dumps((os.getcwd(), dict(os.environ)))], [0, 1, 2])
    code = warm.recv(8)
sys.exit(int(code or 1))
"""

IMPORTED = """
    boto3 botocore.waiter ansible.module_utils._internal._ansiballz._loader ansible.module_utils.basic
    ansible.module_utils.common.dict_transformations ansible.module_utils.urls
    ansible_collections.amazon.aws.plugins.module_utils.ec2
    ansible_collections.amazon.aws.plugins.module_utils.elbv2
    ansible_collections.amazon.aws.plugins.module_utils.iam
    ansible_collections.amazon.aws.plugins.module_utils.modules
    ansible_collections.amazon.aws.plugins.module_utils.waiters
""".split()


def start():
    """The path of an interpreter, for as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="warm-python-"))
    address = folder / "socket"
    client = folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    # It ends with its standard input.
    server = subprocess.Popen(
        [sys.executable, __file__, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout.readline() == "ready\n"
    atexit.register(lambda: (server.stdin.close(), server.wait(), shutil.rmtree(folder)))
    return client


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


def serve(address):
    # The folder of this file has modules with the names of libraries.
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)]
    for name in IMPORTED:
        importlib.import_module(name)
    sys.meta_path.append(SentModules)
    signal.signal(signal.SIGCHLD, bury)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
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
                run_what_comes(connection)
            connection.close()


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
    serve(sys.argv[1])
