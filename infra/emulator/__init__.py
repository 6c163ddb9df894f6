"""The local AWS: its process, its state, and what it is taught before it starts."""
