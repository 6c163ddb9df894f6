"""
`make audit`: hold every pinned package against the index's list of known vulnerabilities.

Not being able to ask is said loudly and is no failure: a mirror or a machine
without a network has no such list. pip-audit itself calls a package that the
index does not tell of "skipped" and ends with 0.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.paths import LOCKS, ROOT

PIP_AUDIT = (sys.executable, "-m", "pip_audit")
OPTIONS = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--desc=off", "--format=json")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """`vulnerable` are sentences; `unknown` says why nothing is known of some packages, None if all were looked up."""

    vulnerable: tuple[str, ...] = ()
    unknown: str | None = None


def audit(lock: Path, pip_audit: Sequence[str] = PIP_AUDIT) -> AuditResult:
    command = [*pip_audit, *OPTIONS, "--requirement", str(lock)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):  # it could not ask at all, and ends in a traceback
        return AuditResult(unknown=(result.stderr.strip().splitlines() or ["no answer"])[-1])
    vulnerable = tuple(
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no release'}"
        for one in packages
        for found in one.get("vulns", ())
    )
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    unknown = f"the index tells nothing of {len(skipped)} of {len(packages)} packages" if skipped else None
    return AuditResult(vulnerable=vulnerable, unknown=unknown)


def main(pip_audit: Sequence[str] = PIP_AUDIT) -> int:
    outcomes = {lock.relative_to(ROOT): audit(lock, pip_audit) for lock in LOCKS}
    for lock, outcome in outcomes.items():
        for sentence in outcome.vulnerable:
            print(f"VULNERABLE  {lock}: {sentence}")
        if outcome.unknown:
            print(f"NOT AUDITED {lock}: {outcome.unknown}", file=sys.stderr)
    if any(outcome.unknown for outcome in outcomes.values()):
        print("#### Not all packages were held against the list of known vulnerabilities. ####", file=sys.stderr)
    elif not any(outcome.vulnerable for outcome in outcomes.values()):
        print("No known vulnerability in any pinned package.")
    return 1 if any(outcome.vulnerable for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
