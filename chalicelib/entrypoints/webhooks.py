from chalice import Blueprint

bp = Blueprint(__name__)


@bp.route("/health", methods=["GET"])
def health():  # type: ignore[no-untyped-def]
    return {"ok": True}
