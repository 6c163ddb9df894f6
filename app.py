"""Earshot: the functions that Chalice deploys. Everything of substance is in `chalicelib`."""

from chalice import Chalice

from chalicelib.config import APP
from chalicelib.entrypoints import ALL

app = Chalice(app_name=APP)
for blueprint in ALL:
    app.register_blueprint(blueprint)
