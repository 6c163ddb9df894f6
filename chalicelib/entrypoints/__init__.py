"""
The edges: decode, call one use case, encode.

One file per Lambda, plus one per group of routes. A deployed worker imports
its own file and never `app.py`; the API Lambda imports all of them, so their
top level stays light.
"""

from chalicelib.entrypoints import (
    acknowledge,
    api,
    api_customers,
    casework,
    deliver,
    forward,
    pages,
    report,
    sla_watch,
    triage,
    webhooks,
)

ALL = (
    webhooks.bp,
    api.bp,
    api_customers.bp,
    pages.bp,
    acknowledge.bp,
    triage.bp,
    casework.bp,
    sla_watch.bp,
    deliver.bp,
    forward.bp,
    report.bp,
)
