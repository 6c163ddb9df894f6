"""List prices and what a measured cost comes to. Verify them before quoting: they are of one region and one year."""

from dataclasses import dataclass

from bench.meter import Cost
from bench.report import Table

REGION = "us-east-1"
AS_OF = "2026"
SECOND_HAND = "as others quote it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Dollars for a million of `unit`. `source` is AWS's own page where that was read, and says so where it was not."""

    unit: str
    usd: float
    source: str


READ = Price(unit="DynamoDB read units, on demand", usd=0.125, source=SECOND_HAND)
WRITE = Price(unit="DynamoDB write units, on demand", usd=0.625, source=SECOND_HAND)
QUEUE = Price(unit="SQS requests, standard, each 64 KB", usd=0.40, source=SECOND_HAND)
TOPIC = Price(unit="SNS publishes, standard", usd=0.50, source=SECOND_HAND)
OBJECT = Price(unit="S3 PUT", usd=5.00, source=SECOND_HAND)
GATEWAY = Price(unit="API Gateway REST calls", usd=3.50, source="aws.amazon.com/api-gateway/pricing")
INVOCATION = Price(unit="Lambda invocations", usd=0.20, source="aws.amazon.com/lambda/pricing")
GB_SECOND = Price(unit="Lambda GB-seconds, x86", usd=16.6667, source="aws.amazon.com/lambda/pricing")
LOG_MB = Price(unit="CloudWatch Logs, MB taken in", usd=500.0, source=SECOND_HAND)

ALL = (GATEWAY, INVOCATION, GB_SECOND, QUEUE, WRITE, READ, TOPIC, OBJECT, LOG_MB)


def usd_per_million(cost: Cost) -> float:
    """What a million of these would cost at AWS's meters, without the functions that do them. SSM reads are free."""
    return (
        cost.read_units * READ.usd
        + cost.write_units * WRITE.usd
        + cost.queue_requests * QUEUE.usd
        + cost.operations("sns") * TOPIC.usd
        + cost.calls["s3.PutObject"] * OBJECT.usd
    )


def table() -> Table:
    return Table(
        name="prices",
        title=f"List prices, {REGION}, {AS_OF}",
        head=("a million of", "$", "source"),
        rows=tuple((price.unit, f"{price.usd:g}", price.source) for price in ALL),
        notes=("Verify before quoting. Free tiers are left out.",),
    )
