"""
The local AWS: MiniStack on loopback, started and stopped as one process group.

It lives in a virtual environment of its own, so that a package missing from
the deployment zip fails here and not in production.

What its folder (`home`, 0700: it holds secrets) tells:

    aws.json     who runs: written by the emulator itself, once it alone has `running`
    running      locked by the emulator for as long as it lives, however it ends
    lock         locked by the one command that starts, stops or deploys
    kept         a link to the state of the last clean stop, made whole before the link moves
    tmp          what it works on; a crash loses it
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from infra import pip_install
from infra.paths import EMULATOR, INFRA, LOCAL_HOME
from infra.problem import Problem

Say = Callable[[str], None]

HOST = "127.0.0.1"
PREFERRED_PORT = 4599
REGION = "us-east-1"
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 - MiniStack's root key, also when it enforces IAM
REQUIREMENTS = INFRA / "emulator-requirements.txt"
LAUNCHER = INFRA / "emulator" / "launcher.py"
IDENTITY = "/_earshot/identity"  # answered by the launcher with the nonce it was started with
START_S = 30.0
ANSWER_S = 5.0
SAVE_S = 300.0  # a state of some hundred thousand items is written within a minute
END_S = 5.0  # for a process that has nothing left to save
SAY_EVERY_S = 5.0
# Only these pass from the caller: AWS_PROFILE or AWS_ENDPOINT_URL would send the functions elsewhere, and
# PYTHONDONTWRITEBYTECODE would compile a hundred thousand lines at every start.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def silent(_line: str) -> None:
    """For a caller that shows no progress."""


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
    """A process as it wrote itself down. `nonce` is of this one start: who answers with it is this process."""

    pid: int
    port: int
    nonce: str
    auth: bool = False
    persist: bool = True

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"


class Stopped(Enum):
    """What a stop came to."""

    NOT_RUNNING = "not running"
    SAVED = "saved"
    NOTHING_TO_SAVE = "nothing to save"
    NOT_SAVED = "not saved"  # what came since the last clean stop is gone, and nothing else


def start(options: Options, say: Say = silent) -> Emulator:
    """
    Start it, or return the one that already runs for this home.

    Raises Problem; then nothing runs that did not run before.
    """
    with alone(options.home, say):
        if emulator := running(options.home):
            _refuse_another_port(emulator, options)
            return emulator
        if stop(options.home, say) is not Stopped.NOT_RUNNING:
            say("The local AWS ran and did not answer: it is started anew.")
        install(say=say)
        port = choose_port(options)
        _prepare_work(options, port)
        return _spawn(options, port)


def _refuse_another_port(emulator: Emulator, options: Options) -> None:
    if options.port not in (None, 0, emulator.port):
        raise Problem(f"The local AWS runs on port {emulator.port} already.", "`earshot down`, then `earshot up` again")


def stop(home: Path = LOCAL_HOME, say: Say = silent) -> Stopped:
    """Stop it cleanly, which saves its state, and wait for that. Returns what came of it."""
    with alone(home, say):
        emulator = recorded(home) if is_locked(home / "running") else None
        if emulator is None:
            _forget_work(home)
            return Stopped.NOT_RUNNING
        _end(emulator, home, say)
        kept = _kept_by(home)
        _forget_work(home)
        (home / "aws.json").unlink(missing_ok=True)
        if not emulator.persist:
            return Stopped.NOTHING_TO_SAVE
        return Stopped.SAVED if kept == emulator.nonce else Stopped.NOT_SAVED


def running(home: Path = LOCAL_HOME) -> Emulator | None:
    """The emulator of this home if it lives and answers; a stale record counts as none."""
    emulator = recorded(home)
    return emulator if emulator and is_locked(home / "running") and answers(emulator) else None


def recorded(home: Path = LOCAL_HOME) -> Emulator | None:
    """What the last one wrote down, alive or not."""
    try:
        return Emulator(**json.loads((home / "aws.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def wipe(home: Path = LOCAL_HOME) -> None:
    """Forget all state of a stopped emulator."""
    for found in home.glob("kept*"):
        found.unlink() if found.is_symlink() else shutil.rmtree(found, ignore_errors=True)


def log_file(home: Path = LOCAL_HOME) -> Path:
    return home / "emulator.log"


def answers(emulator: Emulator) -> bool:
    """Whether this very process answers on its port, and not a stranger's or another checkout's."""
    try:
        with urllib.request.urlopen(f"{emulator.endpoint}{IDENTITY}", timeout=ANSWER_S) as answer:  # noqa: S310
            return bool(answer.read().decode(errors="replace") == emulator.nonce)
    except (urllib.error.URLError, OSError):
        return False


def choose_port(options: Options) -> int:
    """The wanted port, else the first free one of: the last one used, the preferred one, any. Raises Problem."""
    if options.port:
        if not _is_free(options.port):
            raise Problem(f"Port {options.port} is taken by something else.", "name another with --port")
        return options.port
    last = _saved_port(options.home) or PREFERRED_PORT
    candidates = [] if options.port == 0 else [last, PREFERRED_PORT]
    return next((port for port in candidates if _is_free(port)), None) or _any_free_port()


# --- one at a time ---------------------------------------------------------------------------------------------------

_held: set[Path] = set()  # by this process: who holds the lock may call what takes it


@contextmanager
def alone(home: Path, say: Say = silent) -> Iterator[None]:
    """No other command starts, stops or deploys meanwhile; says for whom it waits."""
    if home in _held:
        yield
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)  # an earlier version made it readable for everybody
    with (home / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command starts or stops the local AWS: waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        _held.add(home)
        try:
            yield
        finally:
            _held.discard(home)


@contextmanager
def locking(file: Path) -> Iterator[None]:
    """Hold a file's lock for the block. Raises BlockingIOError when another process does."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def is_locked(file: Path) -> bool:
    """Whether some process holds the file's lock: it lets go when it ends, however that is."""
    try:
        with file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


# --- its state -------------------------------------------------------------------------------------------------------


def _kept_by(home: Path) -> str | None:
    """The nonce of the process that saved last."""
    kept = home / "kept"
    return kept.readlink().name.removeprefix("kept-") if kept.is_symlink() else None


def _saved_port(home: Path) -> int | None:
    try:
        return int((home / "kept" / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _prepare_work(options: Options, port: int) -> None:
    """
    Copy what was kept to where the next one works, with its own addresses in it.

    MiniStack keys queues by their URL and writes URLs into outputs, parameters
    and environments: on another port it would take messages and never read them.
    """
    home = options.home
    _forget_work(home)
    kept, work = home / "kept", home / "tmp"
    (work / "s3").mkdir(parents=True)
    if not (options.persist and kept.is_dir()):
        return
    for part in ("aws", "s3"):
        shutil.copytree(kept / part, work / part, dirs_exist_ok=True)
    old = _saved_port(home)
    for file in (work / "aws").glob("*.json") if old not in (None, port) else ():
        file.write_text(file.read_text().replace(f"{HOST}:{old}", f"{HOST}:{port}"))


def _forget_work(home: Path) -> None:
    """What a stopped one worked on, and states that were superseded or never finished."""
    shutil.rmtree(home / "tmp", ignore_errors=True)
    for found in home.glob("kept-*"):
        if found.name != f"kept-{_kept_by(home)}":
            found.unlink() if found.is_symlink() else shutil.rmtree(found, ignore_errors=True)


# --- its virtual environment -----------------------------------------------------------------------------------------


def install(folder: Path = EMULATOR, say: Callable[[str], None] = print) -> None:
    """Create the virtual environment if its pinned list changed since. Raises Problem."""
    stamp = folder / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if _is_installed(stamp, wanted):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with pip_install.one_at_a_time(folder.parent):
        if not _is_installed(stamp, wanted):  # nor did another command meanwhile
            _install(folder, say)
            stamp.write_text(wanted)


def _is_installed(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def _install(folder: Path, say: Callable[[str], None]) -> None:
    say("Installing the local AWS (once, about half a minute) ...")
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(folder)
    command = [str(_python(folder)), "-m", "pip", "install", "--disable-pip-version-check"]
    try:
        pip_install.install(
            [*command, "--requirement", str(REQUIREMENTS)], packages=pip_install.count(REQUIREMENTS), say=say
        )
    except pip_install.InstallFailed as error:
        raise Problem(f"The local AWS could not be installed. {error}", error.next_step) from None


def _python(folder: Path = EMULATOR) -> Path:
    return folder / "bin" / "python"


# --- its process -----------------------------------------------------------------------------------------------------


def _spawn(options: Options, port: int) -> Emulator:
    nonce, home = secrets.token_hex(16), options.home
    with log_file(home).open("ab") as log:
        process = subprocess.Popen(
            [str(_python()), "-P", str(LAUNCHER)],  # -P: our module names must not shadow its packages
            env=_environment(options, port, nonce),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            start_new_session=True,  # its function workers die with it, as one group
        )
    try:
        return _proven(process, nonce, home, port)
    except BaseException:  # Ctrl-C too: who was not proven is not left behind
        _signal(os.killpg, process.pid, signal.SIGKILL)
        process.wait()
        raise


def _proven(process: subprocess.Popen[bytes], nonce: str, home: Path, port: int) -> Emulator:
    """The child, once it has written itself down and answers as itself."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        emulator = recorded(home)
        if emulator and emulator.nonce == nonce and answers(emulator):
            return emulator
        time.sleep(0.05)
    log = log_file(home)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise Problem(f"The local AWS did not start on port {port}:\n{tail}", f"read {log}, then `earshot up`")


def _environment(options: Options, port: int, nonce: str) -> dict[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    persist = "1" if options.persist else "0"
    work = options.home / "tmp"
    return passed | {
        "EARSHOT_HOME": str(options.home),
        "EARSHOT_NONCE": nonce,
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
        "STATE_DIR": str(work / "aws"),
        "S3_DATA_DIR": str(work / "s3"),
        "TMPDIR": str(work),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }


def _end(emulator: Emulator, home: Path, say: Say) -> None:
    """
    Ask it to end, wait while it saves, and end the group.

    Once the state is kept there is nothing to wait for: functions that are
    still at work are ended in the middle, as a Lambda may be at any time.
    """
    _signal(os.kill, emulator.pid, signal.SIGTERM)
    began = told = time.monotonic()
    patience = SAVE_S if emulator.persist else END_S
    while is_locked(home / "running") and _kept_by(home) != emulator.nonce:
        now = time.monotonic()
        if now - began > patience:
            break
        if now - told > SAY_EVERY_S:
            told = now
            say(f"Waiting for the local AWS to save its state ({now - began:.0f} s) ...")
        time.sleep(0.05)
    _signal(os.killpg, emulator.pid, signal.SIGKILL)
    deadline = time.monotonic() + END_S
    while is_locked(home / "running") and time.monotonic() < deadline:
        time.sleep(0.01)
    with suppress(ChildProcessError):  # started by another command
        os.waitpid(emulator.pid, 0)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):
        return


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
