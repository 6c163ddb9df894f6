"""Everything that ships in the Lambda, but `app.py`."""
