"""Numbers for CloudWatch, written as log lines in its embedded metric format: no call, no wait."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from chalicelib.bootstrap import settings
from chalicelib.config import APP

NAMESPACE = "Earshot"


def emit(**counts: int) -> None:
    """One log line; zero is a value too, so that an alarm sees the quiet."""
    metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=APP)
    metrics.add_dimension(name="stage", value=settings().stage)
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()
