"""Calling an engine of AWS: every error that botocore knows, as one of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
)

from chalicelib.ports.engines import EngineError, EngineRefused, EngineTooSlow, EngineUnavailable, Unusable

_REFUSALS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidSignatureException",
        "NotAuthorized",
        "OptInRequired",
        "ResourceNotFoundException",  # no such model, or not in this region
        "SubscriptionRequiredException",
        "UnrecognizedClientException",
    }
)
_SLOW: Final = frozenset({"ModelTimeoutException", "RequestTimeout", "RequestTimeoutException"})
_OURS: Final = frozenset(
    {
        "BatchSizeLimitExceededException",
        "InvalidRequestException",
        "ModelErrorException",  # the model made no valid call of its tool
        "TextSizeLimitExceededException",
        "UnsupportedLanguageException",
        "ValidationException",
    }
)


@contextmanager
def errors() -> Iterator[None]:
    """
    Raises EngineError for what goes wrong inside, be it the call or reading its answer.

    AWS quotes a request in the messages of some of its errors: codes and
    classes are all that is passed on.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        raise _of_code(code)(_safe(code)) from None
    except (ReadTimeoutError, ConnectTimeoutError) as error:
        raise EngineTooSlow(type(error).__name__) from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise EngineRefused(type(error).__name__) from None
    except (ParamValidationError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Unusable(type(error).__name__) from None
    except (BotoCoreError, HTTPClientError) as error:
        raise EngineUnavailable(type(error).__name__) from None


def _of_code(code: str) -> type[EngineError]:
    if code in _REFUSALS:
        return EngineRefused
    if code in _SLOW:
        return EngineTooSlow
    return Unusable if code in _OURS else EngineUnavailable


def _safe(code: str) -> str:
    return code if code.isalnum() else "unknown"
