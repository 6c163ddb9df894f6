"""A platform that is only tried: its folder is copied to another place than the product's (`test_nothing_else.py`)."""
