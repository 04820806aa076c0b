import pytest
from cloud import Cloud
from xdist.scheduler import LoadScopeScheduling

# Their tests share machines, which take minutes to start.
AS_A_WHOLE = ("test_data.py", "test_roll.py", "test_stack.py")


class WholeFilesFirst(LoadScopeScheduling):
    """These files begin at once. The tests of all others go, one by one, to the process that has nothing to do.

    xdist sends out first what has the most tests. Its marks of groups (3.8) do nothing with pytest 9.2.
    """

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return file if file.endswith(AS_A_WHOLE) else nodeid


def pytest_xdist_make_scheduler(config, log):
    return WholeFilesFirst(config, log)


@pytest.fixture(scope="session")
def cloud():
    cloud = Cloud()
    yield cloud
    cloud.stop()
