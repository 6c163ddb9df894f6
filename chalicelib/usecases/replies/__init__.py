"""What the use cases share about answers on their way to a platform."""
