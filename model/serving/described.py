"""What the server says about itself and its models: metadata and configuration, the same over both transports."""

from __future__ import annotations

from typing import Any, Final

from inspector_app.domain.records import identity_record
from model.protocol.contract import INPUTS, OUTPUTS
from model.protocol.messages import DATA_TYPES
from model.protocol.tensors import TensorSpec
from model.serving.repository import ModelRepository

SERVER_NAME: Final = "inspector-app"
EXTENSIONS: Final = ("binary_tensor_data", "model_configuration", "model_repository", "parameters", "schedule_policy")
"""Of Triton's protocol extensions: those that are spoken here; of the schedule policy, ``timeout``."""
PLATFORM: Final = "openvino"


def server_metadata(version: str) -> dict[str, Any]:
    """Return what the server is."""
    return {"name": SERVER_NAME, "version": version, "extensions": list(EXTENSIONS)}


def model_metadata(repository: ModelRepository, name: str, version: str = "") -> dict[str, Any]:
    """Return a model's inputs and outputs; `ServingFault` if it is not loaded."""
    identity = repository.find(name, version)
    return {
        "name": name,
        "versions": list(repository.versions(name)) or [identity.version],
        "platform": PLATFORM,
        "inputs": [_tensor(spec) for spec in INPUTS],
        "outputs": [_tensor(spec) for spec in OUTPUTS],
    }


def model_configuration(repository: ModelRepository, name: str, version: str = "") -> dict[str, Any]:
    """Return a model's configuration in Triton's form, with its identity as parameters; `ServingFault`."""
    identity = repository.find(name, version)
    return {
        "name": name,
        "platform": PLATFORM,
        "backend": PLATFORM,
        "max_batch_size": 0,
        "input": [{**_configured(spec), "optional": spec.optional} for spec in INPUTS],
        "output": [_configured(spec) for spec in OUTPUTS],
        "parameters": {key: {"string_value": value} for key, value in identity_record(identity).items()},
    }


def data_type_name(number: int) -> str:
    """Return the name of a tensor's type in a configuration, as JSON has it."""
    kind = next(name for name, known in DATA_TYPES.items() if known == number)
    return "TYPE_STRING" if kind == "BYTES" else f"TYPE_{kind}"


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


def _configured(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "data_type": DATA_TYPES[spec.datatype], "dims": list(spec.shape)}
