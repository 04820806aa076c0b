"""The data volumes of moto's records, as files behind loop devices, and their snapshots as copies of these files.

A machine finds a volume as an EC2 instance does: udev links its device by the id of the volume.
"""

import subprocess

from moto.ec2.models import ec2_backends
from permissions import ACCOUNT, REGION

# The instances' own disks are those of their containers.
DATA_DEVICE = "/dev/sdf"

PLUG = """
set -e
test -b /dev/{device} || mknod -m 660 /dev/{device} b {numbers}
echo 'KERNEL=="{device}", SYMLINK+="disk/by-id/nvme-Amazon_Elastic_Block_Store_{serial}"' >/etc/udev/rules.d/90-{device}.rules
udevadm control --reload
udevadm trigger --settle --action=add /sys/block/{device}
"""
UNPLUG = """
udevadm trigger --settle --action=remove /sys/block/{device}
rm -f /etc/udev/rules.d/90-{device}.rules /dev/{device}
"""


class Disks:
    def __init__(self, folder):
        self.folder = folder
        # By the id of the volume: its loop device, and the container that has it.
        self.loops, self.holders = {}, {}

    def follow(self, containers):
        """Does what moto's records say, where `containers` are the machines by the ids of their instances."""
        ec2 = ec2_backends[ACCOUNT][REGION]
        for volume, container in list(self.holders.items()):
            attachment = ec2.volumes[volume].attachment if volume in ec2.volumes else None
            if not attachment or containers.get(attachment.instance.id) != container:
                self._unplug(volume)
        for snapshot in ec2.snapshots.values():
            # What was written by now. The images of moto have snapshots, too.
            if snapshot.volume.id in self.loops and not self.file(snapshot.id).exists():
                copy(self.file(snapshot.volume.id), self.file(snapshot.id))
        for volume in ec2.volumes.values():
            at = volume.attachment
            if at and at.device == DATA_DEVICE and at.instance.id in containers and volume.id not in self.holders:
                self._plug(volume, containers[at.instance.id])

    def cut(self, container):
        """The state of its volumes now, as the next instance gets them: what the kernel of the machine still holds is lost."""
        for volume in [volume for volume, holder in self.holders.items() if holder == container]:
            copy(self.file(volume), self.file(f"{volume}-cut"))
            subprocess.run(["losetup", "--detach", self.loops.pop(volume)], check=True)
            self.file(f"{volume}-cut").replace(self.file(volume))
            del self.holders[volume]

    def close(self):
        for loop in self.loops.values():
            subprocess.run(["losetup", "--detach", loop])

    def file(self, id):
        return self.folder / f"{id}.img"

    def _plug(self, volume, container):
        file = self.file(volume.id)
        if not file.exists():
            if volume.snapshot_id:
                copy(self.file(volume.snapshot_id), file)
            else:
                with file.open("wb") as made:
                    made.truncate(int(volume.size) << 30)
        if volume.id not in self.loops:
            find = ["losetup", "--find", "--show", file]
            self.loops[volume.id] = subprocess.run(
                find, check=True, stdout=subprocess.PIPE, text=True
            ).stdout.strip()
        self.holders[volume.id] = container
        self._run(volume.id, PLUG)

    def _unplug(self, volume):
        self._run(volume, UNPLUG)
        del self.holders[volume]

    def _run(self, volume, script):
        device = self.loops[volume].removeprefix("/dev/")
        with open(f"/sys/block/{device}/dev") as file:
            numbers = file.read().strip().replace(":", " ")
        script = script.format(device=device, numbers=numbers, serial=volume.replace("-", ""))
        done = subprocess.run(
            ["docker", "exec", self.holders[volume], "sh", "-c", script], capture_output=True, text=True
        )
        # A machine that is gone has no disk.
        assert done.returncode == 0 or script.startswith("\nudevadm"), done.stderr


def copy(source, to):
    subprocess.run(["cp", "--sparse=always", source, to], check=True)
