"""
What Earshot tells people: each kind of alert in a file of its own, all written by `message`.

An alert is one message in several forms: mail, text message, and JSON for
machines. What strangers wrote is in quotes in all of them; see `visible`.
"""
