"""Who may ask for what, and how often."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ingest.operations.keys import Keys, Scope
from ingest.settings import Anonymous, HttpSection

_BEARER = HTTPBearer(auto_error=False, description="An API key, `ID.SECRET`.")

_Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Access:
    """The door of the API: its dependencies let a request pass or end it with a problem."""

    def __init__(self, settings: HttpSection, keys: Keys) -> None:
        self._keys = keys
        self._open_to_all = _is_open(settings)
        self._limit = RateLimitItemPerMinute(settings.requests_per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def officer(self, request: Request, presented: _Presented) -> None:
        """Let pass who may read what is released, and the state of stations."""
        self._let_pass(request, presented, Scope.OFFICER)

    def operator(self, request: Request, presented: _Presented) -> None:
        """Let pass who may manage stations and quarantine."""
        self._let_pass(request, presented, Scope.OPERATOR)

    def _let_pass(
        self, request: Request, presented: HTTPAuthorizationCredentials | None, wanted: Scope
    ) -> None:
        client = request.client.host if request.client else ""
        self._count(presented.credentials.partition(".")[0] if presented else client)
        if presented is None:
            if not (self._open_to_all and wanted is Scope.OFFICER):
                raise _unknown("send an API key: Authorization: Bearer ID.SECRET")
            return
        key = self._keys.holder(presented.credentials)
        if key is None:
            raise _unknown("this API key is not valid, or was revoked")
        if wanted is Scope.OPERATOR and key.scope is not Scope.OPERATOR:
            raise HTTPException(403, "this takes an operator's key; this one is an officer's")

    def _count(self, who: str) -> None:
        if not self._limiter.hit(self._limit, who):
            raise HTTPException(
                429, f"more than {self._limit.amount} requests a minute", {"Retry-After": "60"}
            )


def _is_open(settings: HttpSection) -> bool:
    """Whether requests without a key are an officer's: by default on the loopback interface."""
    if settings.anonymous is not Anonymous.AUTO:
        return settings.anonymous is Anonymous.OFFICER
    if settings.host == "localhost":
        return True
    try:
        return ip_address(settings.host).is_loopback
    except ValueError:
        return False


def _unknown(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
