"""
What Earshot does, one verb a file.

Each takes its ports and the time as arguments; none knows AWS, HTTP or the
clock.
"""
