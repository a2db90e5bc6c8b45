"""From a topic and bytes to a message of the contract, or a refusal with its reason. Pure."""

from dataclasses import dataclass
from functools import lru_cache

from pydantic import ValidationError

from contract import topics
from contract.envelope import Envelope
from contract.errors import ContractError, Reason
from contract.screening_message import AnyBatch, ScreeningMessage
from contract.status import Status
from contract.topics import Address, Stream
from contract.usage import UsageBatch

Numbered = AnyBatch | UsageBatch
Message = Numbered | Status

_ADDRESSES_KEPT = 65_536

_MODELS: dict[Stream, type[ScreeningMessage] | type[UsageBatch] | type[Status]] = {
    Stream.SCREENING: ScreeningMessage,
    Stream.USAGE: UsageBatch,
    Stream.STATUS: Status,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A message's place in its station's ledger."""

    epoch: int
    seq: int


def parse(topic: str, payload: bytes) -> Message:
    """The message in `payload`; raises ContractError with a closed reason.

    The message must name the station whose topic it came on.
    """
    where = address(topic)
    model = _MODELS.get(where.stream)
    if model is None:
        raise ContractError(Reason.UNKNOWN_TOPIC, f"nothing is expected on {where.stream}")
    try:
        parsed = model.model_validate_json(payload)
    except ValidationError as error:
        raise ContractError(*_explain(error, where.stream)) from error
    message = parsed.root if isinstance(parsed, ScreeningMessage) else parsed
    if message.station != where.station:
        raise ContractError(Reason.STATION_MISMATCH, "sent on the topic of another station")
    return message


@lru_cache(_ADDRESSES_KEPT)
def address(topic: str) -> Address:
    """What a topic says, remembered; raises ContractError (UNKNOWN_TOPIC), which is not."""
    return topics.parse(topic)


def salvage_number(payload: bytes) -> Number | None:
    """The ledger number of a refused message, if its envelope at least can be read."""
    try:
        envelope = _AnyVersion.model_validate_json(payload)
    except ValidationError:
        return None
    return Number(envelope.epoch, envelope.seq)


class _AnyVersion(Envelope):
    v: int = 1  # type: ignore[assignment]  # a later version's envelope is still an envelope


def _explain(error: ValidationError, stream: Stream) -> tuple[Reason, str]:
    """The reason and where the problem is: never the offending value, which may be personal."""
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return Reason.NOT_JSON, first["msg"]
    if first["type"].startswith("union_tag"):  # its text quotes what the message claims to be
        return Reason.SCHEMA, "measure: not a measure of this contract"
    place = first["loc"]
    if stream is Stream.SCREENING:
        place = place[1:]  # without the measure, by which the batch's model was chosen
    reason = Reason.UNKNOWN_VERSION if place == ("v",) else Reason.SCHEMA
    return reason, f"{'.'.join(str(part) for part in place) or 'message'}: {first['msg']}"
