"""
The local AWS: MiniStack on loopback, started and stopped as one process group.

It lives in a virtual environment of its own, so that a package missing from
the deployment zip fails here and not in production. State is written on a
clean stop; a crash loses what came since the last one.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.paths import EMULATOR, INFRA, LOCAL_HOME
from infra.problem import Problem

HOST = "127.0.0.1"
PREFERRED_PORT = 4599
REGION = "us-east-1"
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 - MiniStack's root key, also when it enforces IAM
REQUIREMENTS = INFRA / "emulator-requirements.txt"
LAUNCHER = INFRA / "emulator_launcher.py"
START_S = 30.0
STOP_S = 20.0
# Only these pass from the caller: AWS_PROFILE or AWS_ENDPOINT_URL would send the functions elsewhere, and
# PYTHONDONTWRITEBYTECODE would compile a hundred thousand lines at every start.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to start.

    `port`: None for the port of the last start (else 4599, else any free), 0
    for any free. `auth` enforces the functions' IAM policies. Without
    `persist` nothing outlives a stop.
    """

    home: Path = LOCAL_HOME
    port: int | None = None
    auth: bool = False
    persist: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A process that was started; `home` holds its state, log and this record (`aws.json`)."""

    pid: int
    port: int
    auth: bool = False

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"


def start(options: Options) -> Emulator:
    """Start it, or return the one that already runs for this home. Raises Problem."""
    if emulator := running(options.home):
        return emulator
    stop(options.home)  # one that lives but does not answer would fight for the state
    install()
    options.home.mkdir(parents=True, exist_ok=True)
    port = choose_port(options)
    emulator = Emulator(pid=_spawn(options, port), port=port, auth=options.auth)
    _record(options.home).write_text(json.dumps(asdict(emulator)))
    _wait_until_healthy(emulator, log_file(options.home))
    return emulator


def stop(home: Path = LOCAL_HOME) -> bool:
    """Stop it cleanly, which saves its state. False when none was running."""
    emulator = recorded(home)
    alive = emulator is not None and _is_ours(emulator.pid)
    if emulator and alive:
        _terminate(emulator.pid)
    shutil.rmtree(_scratch(home), ignore_errors=True)
    return alive


def running(home: Path = LOCAL_HOME) -> Emulator | None:
    """The emulator of this home if its process lives and answers; a stale record counts as none."""
    emulator = recorded(home)
    return emulator if emulator and _is_ours(emulator.pid) and healthy(emulator) else None


def recorded(home: Path = LOCAL_HOME) -> Emulator | None:
    """What the last start wrote down, alive or not."""
    try:
        return Emulator(**json.loads(_record(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def wipe(home: Path = LOCAL_HOME) -> None:
    """Forget all state of a stopped emulator."""
    for folder in (home / "state", _objects(home)):
        shutil.rmtree(folder, ignore_errors=True)


def log_file(home: Path = LOCAL_HOME) -> Path:
    return home / "emulator.log"


def healthy(emulator: Emulator) -> bool:
    try:
        with urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def choose_port(options: Options) -> int:
    """The first free one of: the wanted port, the last one used, the preferred one, any."""
    if options.port:
        return options.port
    last = recorded(options.home)
    candidates = [] if options.port == 0 else [last.port if last else PREFERRED_PORT, PREFERRED_PORT]
    return next((port for port in candidates if _is_free(port)), None) or _any_free_port()


# --- its virtual environment -----------------------------------------------------------------------------------------


def install(folder: Path = EMULATOR, say: Callable[[str], None] = print) -> None:
    """Create the virtual environment if its pinned list changed since. Raises Problem."""
    stamp = folder / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Installing the local AWS (once, about half a minute) ...")
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(folder)
    _pip(folder, "install", "--quiet", "--disable-pip-version-check", "--requirement", str(REQUIREMENTS))
    stamp.write_text(wanted)


def _pip(folder: Path, *arguments: str) -> None:
    command = [str(_python(folder)), "-m", "pip", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Problem(
            f"The local AWS could not be installed:\n{result.stderr[-1500:]}",
            "check that pip reaches your package index, then run the command again",
        )


def _python(folder: Path = EMULATOR) -> Path:
    return folder / "bin" / "python"


# --- its process -----------------------------------------------------------------------------------------------------


def _spawn(options: Options, port: int) -> int:
    scratch = _scratch(options.home)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    if options.persist and _objects(options.home).is_dir():
        shutil.copytree(_objects(options.home), scratch / "s3")
    else:
        (scratch / "s3").mkdir()
    with log_file(options.home).open("ab") as log:
        process = subprocess.Popen(
            [str(_python()), "-P", str(LAUNCHER)],  # -P: our module names must not shadow its packages
            env=_environment(options, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=options.home,
            start_new_session=True,  # its function workers die with it, as one group
        )
    return process.pid


def _environment(options: Options, port: int) -> dict[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    persist = "1" if options.persist else "0"
    kept = {"KEPT_OBJECTS": str(_objects(options.home))} if options.persist else {}
    return (
        passed
        | kept
        | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AUTH": "true" if options.auth else "false",
            "PERSIST_STATE": persist,
            "S3_PERSIST": persist,
            "STATE_DIR": str(options.home / "state"),
            "S3_DATA_DIR": str(_scratch(options.home) / "s3"),
            "TMPDIR": str(_scratch(options.home)),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
    )


def _wait_until_healthy(emulator: Emulator, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if healthy(emulator):
            return
        if not _alive(emulator.pid):
            break
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise Problem(f"The local AWS did not start on port {emulator.port}:\n{tail}", f"read {log}, then `earshot up`")


def _terminate(pid: int) -> None:
    _signal(os.kill, pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(os.killpg, pid, signal.SIGKILL)  # function workers that outlived their server


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):  # our own child has ended
            return False
    except ChildProcessError:
        pass  # started by another command
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_ours(pid: int) -> bool:
    """Whether the process is an emulator: after a reboot the recorded id may belong to anyone."""
    if not _alive(pid):
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:  # no /proc: macOS
        command = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout  # noqa: PLW1510
    return LAUNCHER.name in command


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _record(home: Path) -> Path:
    return home / "aws.json"


def _objects(home: Path) -> Path:
    return home / "s3"


def _scratch(home: Path) -> Path:
    return home / "tmp"
