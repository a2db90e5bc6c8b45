"""Any message of the screening stream: which batch it is follows from its measure."""

from typing import Annotated

from pydantic import ConfigDict, Field, RootModel

from contract.glucose_batch import GlucoseBatch
from contract.screening_batch import ScreeningBatch

AnyBatch = ScreeningBatch | GlucoseBatch


class ScreeningMessage(RootModel[Annotated[AnyBatch, Field(discriminator="measure")]]):
    """One batch of blood-pressure or of glucose sessions."""

    model_config = ConfigDict(hide_input_in_errors=True)
