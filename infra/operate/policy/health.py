"""What `earshot doctor` says about the promises of a stage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.documents.policies import PolicyInvalid, ending_dates, holiday_lists, read_toml
from chalicelib.ports.policies import PolicyJob, PolicyVersion
from infra.operate.finding import Finding, fail, ok, warn
from infra.operate.policy import words
from infra.operate.policy.stage import PolicyStage

SOON: Final = timedelta(days=60)
TOO_LONG: Final = timedelta(minutes=15)


def findings(stage: PolicyStage, name: str, now: datetime) -> Iterator[Finding]:
    """About the newest version: whether it reads, how long its holidays last, and whether the open cases know it."""
    newest = stage.policies.versions()[-1]
    show = f"`earshot policy show --toml --version {newest.version} --stage {name} > policies.toml`"
    again = f"{show}, then `earshot policy apply policies.toml --stage {name}`"
    problems = _unreadable(newest)
    if problems:
        yield fail(f"version {newest.version} of the promises cannot be read: {problems}", f"{show}, mend and apply it")
        return
    yield ok(f"promises: {words.title(newest)}")
    for one in holiday_lists(newest.document):
        if datetime.combine(one.until, datetime.min.time(), UTC) - now < SOON:
            yield warn(f"the holidays of {one.name} (calendar {one.calendar_id}) are known until {one.until}", again)
    for calendar_id, last in ending_dates(newest.document, today=now.date()):
        yield warn(f"the holidays of calendar {calendar_id} are dates, the last of them {last}", again)
    job = stage.policies.job(newest.version)
    if job:
        yield from _job(job, now)


def _unreadable(version: PolicyVersion) -> str:
    try:
        read_toml(version.document, today=None)
    except PolicyInvalid as error:
        return str(error)
    return ""


def _job(job: PolicyJob, now: datetime) -> Iterator[Finding]:
    if job.failures:
        named = ", ".join(job.failed)
        yield warn(
            f"{job.failures} of the open cases could not be told of version {job.version}: {named}", "look at these"
        )
    if not job.is_done and now - job.applied_at > TOO_LONG:
        yield warn(f"open cases still have to be told of version {job.version}", "look at the log of sla_watch")
