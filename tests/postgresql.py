"""A PostgreSQL server of a test's own, on loopback, from Debian's package."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import subprocess
from tempfile import TemporaryDirectory
from typing import Any

from hub.ports import LOOPBACK, free_port

DEBIAN = Path("/usr/lib/postgresql")
SECONDS = 60


def find_binaries() -> Path | None:
    """Return the folder of the newest server that is installed."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """Run a server with an empty cluster; yield the URL of its database."""
    with TemporaryDirectory(prefix="piggy-postgresql-") as folder:
        # It refuses to run as root.
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            owner = {"user": "postgres", "group": "postgres", "extra_groups": []}

        def run(program: str, *arguments: str) -> None:
            subprocess.run(  # noqa: S603
                [binaries / program, "-D", f"{folder}/data", *arguments],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                timeout=2 * SECONDS,
                **owner,
            )

        run("initdb", "--username=piggy", "--auth=trust", "--encoding=UTF8")
        port = free_port()
        options = f"-h {LOOPBACK} -p {port} -k {folder} -F"
        wait = ("--wait", f"--timeout={SECONDS}")
        run("pg_ctl", *wait, f"--log={folder}/log", f"--options={options}", "start")
        try:
            yield f"postgresql://piggy@{LOOPBACK}:{port}/postgres"
        finally:
            run("pg_ctl", *wait, "--mode=immediate", "stop")
