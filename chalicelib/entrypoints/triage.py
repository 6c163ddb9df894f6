from chalice import Blueprint

from chalicelib.config import Settings

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


@bp.on_sqs_message(queue=SETTINGS.queue("inbound"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency)
def triage(event):  # type: ignore[no-untyped-def]
    print(event.to_dict())
