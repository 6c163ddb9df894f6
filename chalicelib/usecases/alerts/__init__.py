"""What the use cases share about messages to people: who is called, in what order, and in how many messages."""
