"""
Make `docs/case-status.md` from the table of statuses.

`python -m infra.operate.status_table` prints the page, `--write` writes it.
"""

import argparse
from collections.abc import Iterator

from chalicelib.domain.case.status import TAKES_BACK, TRANSITIONS, CaseStatus, actions_in
from chalicelib.domain.events import EventKind
from infra.paths import ROOT

PAGE = ROOT / "docs" / "case-status.md"
INTRODUCTION = """\
# Where a case stands, and what moves it

Made from `chalicelib/domain/case/status.py` by `python -m infra.operate.status_table --write`: edit that, not this
page. The fold, the buttons of the console and this page read the same table.

A cell says where the case stands after the event of its column; an empty one stays where it is. Some events count
only under a condition: an `answer` that a person wrote, a `mention` that is not withdrawn, a `resolve` while no
answer is on its way (it waits for that one). `reopen` and `restore` take a `resolve` or `spam` back: the case then
stands where its other events leave it. So does a case when a customer deletes a message or an agent joins another
case with it; when nothing of the customer's is left, it is resolved.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_moves(), "", "What an agent may do:", "", *_actions()]) + "\n"


def _moves() -> Iterator[str]:
    kinds = [*TRANSITIONS, *TAKES_BACK]
    yield f"| from | {' | '.join(kinds)} |"
    yield "|---" * (len(kinds) + 1) + "|"
    for status in CaseStatus:
        yield f"| **{status}** | {' | '.join(_cell(status, kind) for kind in kinds)} |"


def _cell(status: CaseStatus, kind: EventKind) -> str:
    if kind in TAKES_BACK:
        return "as before" if TAKES_BACK[kind] is status else ""
    after = TRANSITIONS[kind].get(status, status)
    return "" if after is status else after.value


def _actions() -> Iterator[str]:
    yield "| in | may |"
    yield "|---|---|"
    for status in CaseStatus:
        yield f"| **{status}** | {', '.join(sorted(actions_in(status)))} |"
    yield ""
    yield f"While an answer is on its way, also: {EventKind.TAKE_BACK}."


def main() -> None:
    parser = argparse.ArgumentParser(description="Make docs/case-status.md from the table of statuses.")
    parser.add_argument("--write", action="store_true", help="write the page instead of printing it")
    if parser.parse_args().write:
        PAGE.write_text(page())
    else:
        print(page(), end="")


if __name__ == "__main__":
    main()
