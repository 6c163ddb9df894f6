"""A bad morning at an invented airline, played through the real stack. Nobody in it exists, nor does the airline."""
