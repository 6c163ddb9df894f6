"""What several platforms have in common. Its name begins with "_", so it is taken for no platform."""
