"""A replayed day: ordinary complaints of an invented airline, and one cause hidden among them."""
