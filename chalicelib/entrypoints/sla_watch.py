from chalice import Blueprint, Rate

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES))
def sla_watch(event):  # type: ignore[no-untyped-def]
    print(event.to_dict())
