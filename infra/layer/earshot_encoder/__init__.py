"""The encoder's weights, found by this package's place on the path of modules."""
