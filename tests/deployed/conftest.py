"""The deployed ring: `stack`, `aws` and `clock_file` come from tests/localaws.py."""
