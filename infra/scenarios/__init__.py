"""
Scenario files: a calendar, a policy and a timeline with clock times in; due times, outcomes and alerts out.

`reading` makes values of a file, `runner` plays them in a `world`, `compare`
says what differs. docs/scenarios.md explains the form.
"""
