"""
What `earshot policy` does with the promises of a stage.

`reading` makes a draft of a file, `words` says a book and what differs in
plain English, `forecasts` says what an edit would do to open cases, and
`progress` shows it being done. docs/policies.md is the manual.
"""
