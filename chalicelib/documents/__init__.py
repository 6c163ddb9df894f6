"""Settings that people write (promises, priority, vocabulary, incidents): text in, values or all mistakes out."""
