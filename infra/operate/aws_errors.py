"""Turn what boto3 raises into a sentence and a next step."""

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from infra.problem import Problem

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def explain(error: BotoCoreError | ClientError) -> Problem:
    """The problem an operator has when AWS or boto3 raises `error`."""
    if isinstance(error, NoCredentialsError):
        return Problem("There are no AWS credentials.", "`aws configure`, or export AWS_PROFILE")
    if isinstance(error, EndpointConnectionError):
        return Problem(f"AWS does not answer: {error}", "check the network; for the local stage, `earshot up`")
    if isinstance(error, ClientError):
        return _explain_answer(error)
    return Problem(str(error), "run again with -v for the whole story")


def _explain_answer(error: ClientError) -> Problem:
    code = error.response["Error"]["Code"]
    if code in EXPIRED:
        return Problem("The AWS credentials are not valid any more.", "log in again, for example `aws sso login`")
    if code in DENIED:
        return Problem(f"AWS refuses: {error}", "use credentials that may do this")
    return Problem(str(error), "run again with -v for the whole story")
