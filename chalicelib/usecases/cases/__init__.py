"""What the use cases share about cases: their timelines, views and signals, and moving one into another."""
