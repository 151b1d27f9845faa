"""The gRPC messages of the Open Inference Protocol v2, with Triton's model configuration and repository calls.

Names, numbers and types of the fields are those of ``open_inference_grpc.proto`` (kserve/open-inference-protocol) and
of ``grpc_service.proto`` and ``model_config.proto`` (triton-inference-server/common); what is not listed is
skipped when it is read. Written as tables and not generated: generated code is tied to one major version of protobuf,
and fills a process-wide pool that a second copy of the same file, such as tritonclient's, would clash with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

SERVICE: Final = "inference.GRPCInferenceService"

METHODS: Final = {
    "ServerLive": ("ServerLiveRequest", "ServerLiveResponse"),
    "ServerReady": ("ServerReadyRequest", "ServerReadyResponse"),
    "ServerMetadata": ("ServerMetadataRequest", "ServerMetadataResponse"),
    "ModelReady": ("ModelReadyRequest", "ModelReadyResponse"),
    "ModelMetadata": ("ModelMetadataRequest", "ModelMetadataResponse"),
    "ModelConfig": ("ModelConfigRequest", "ModelConfigResponse"),
    "ModelInfer": ("ModelInferRequest", "ModelInferResponse"),
    "RepositoryIndex": ("RepositoryIndexRequest", "RepositoryIndexResponse"),
    "RepositoryModelLoad": ("RepositoryModelLoadRequest", "RepositoryModelLoadResponse"),
    "RepositoryModelUnload": ("RepositoryModelUnloadRequest", "RepositoryModelUnloadResponse"),
}
"""Unary calls with the names of their messages."""

_NAME_VERSION = "1 string name, 2 string version"
_TENSOR = "1 string name, 2 string datatype, 3 int64* shape"
_SENT_TENSOR = f"{_TENSOR}, 4 {{InferParameter}} parameters, 5 InferTensorContents contents"
_LOAD = "1 string repository_name, 2 string model_name, 3 {ModelRepositoryParameter} parameters"

_MESSAGES: Final[Mapping[str, str]] = {
    "ServerLiveRequest": "",
    "ServerLiveResponse": "1 bool live",
    "ServerReadyRequest": "",
    "ServerReadyResponse": "1 bool ready",
    "ServerMetadataRequest": "",
    "ServerMetadataResponse": "1 string name, 2 string version, 3 string* extensions",
    "ModelReadyRequest": _NAME_VERSION,
    "ModelReadyResponse": "1 bool ready",
    "ModelMetadataRequest": _NAME_VERSION,
    "ModelMetadataResponse": "1 string name, 2 string* versions, 3 string platform,"
    " 4 ModelMetadataResponse.TensorMetadata* inputs, 5 ModelMetadataResponse.TensorMetadata* outputs",
    "ModelMetadataResponse.TensorMetadata": _TENSOR,
    "ModelInferRequest": "1 string model_name, 2 string model_version, 3 string id, 4 {InferParameter} parameters,"
    " 5 ModelInferRequest.InferInputTensor* inputs, 6 ModelInferRequest.InferRequestedOutputTensor* outputs,"
    " 7 bytes* raw_input_contents",
    "ModelInferRequest.InferInputTensor": _SENT_TENSOR,
    "ModelInferRequest.InferRequestedOutputTensor": "1 string name, 2 {InferParameter} parameters",
    "ModelInferResponse": "1 string model_name, 2 string model_version, 3 string id, 4 {InferParameter} parameters,"
    " 5 ModelInferResponse.InferOutputTensor* outputs, 6 bytes* raw_output_contents",
    "ModelInferResponse.InferOutputTensor": _SENT_TENSOR,
    "InferParameter": "1 bool bool_param | 2 int64 int64_param | 3 string string_param | 4 double double_param"
    " | 5 uint64 uint64_param",
    "InferTensorContents": "1 bool* bool_contents, 2 int32* int_contents, 3 int64* int64_contents,"
    " 4 uint32* uint_contents, 5 uint64* uint64_contents, 6 float* fp32_contents, "
    " 7 double* fp64_contents, 8 bytes* bytes_contents",
    "ModelConfigRequest": _NAME_VERSION,
    "ModelConfigResponse": "1 ModelConfig config",
    "ModelConfig": "1 string name, 2 string platform, 4 int32 max_batch_size, 5 ModelInput* input, "
    " 6 ModelOutput* output, 14 {ModelParameter} parameters, 17 string backend",
    "ModelInput": "1 string name, 2 int32 data_type, 4 int64* dims, 8 bool optional",
    "ModelOutput": "1 string name, 2 int32 data_type, 3 int64* dims",
    "ModelParameter": "1 string string_value",
    "RepositoryIndexRequest": "1 string repository_name, 2 bool ready",
    "RepositoryIndexResponse": "1 RepositoryIndexResponse.ModelIndex* models",
    "RepositoryIndexResponse.ModelIndex": "1 string name, 2 string version, 3 string state, 4 string reason",
    "RepositoryModelLoadRequest": _LOAD,
    "RepositoryModelLoadResponse": "",
    "RepositoryModelUnloadRequest": _LOAD,
    "RepositoryModelUnloadResponse": "",
    "ModelRepositoryParameter": "1 bool bool_param | 2 int64 int64_param | "
    " 3 string string_param | 4 bytes bytes_param",
}
"""Fields as ``number type name``; ``*`` repeated, ``{T}`` a map from string to T, ``|`` one of. An enum is an int32."""

DATA_TYPES: Final = {"UINT8": 2, "FP64": 12, "BYTES": 13}
"""Numbers of a tensor's type in a model's configuration (``inference.DataType``)."""

_PACKAGE = "inference"


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    kind: str
    name: str
    repeated: bool
    mapped: bool


@cache
def message_class(name: str) -> Any:
    """Return the protobuf class of a message of the protocol, for example ``"ModelInferRequest"``.

    All come from one pool of their own.
    """
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@cache
def _pool() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(name="open_inference.proto", package=_PACKAGE, syntax="proto3")
    placed: dict[str, Any] = {}
    for name, text in _MESSAGES.items():
        outer, _, inner = name.rpartition(".")
        message = placed[outer].nested_type.add(name=inner) if outer else file.message_type.add(name=name)
        placed[name] = message
        for field in _fields(text):
            _add_field(message, name, field)
        if "|" in text:
            message.oneof_decl.add(name="parameter_choice")
            for added in message.field:
                added.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _fields(text: str) -> Iterator[_Field]:
    for part in text.replace("|", ",").split(","):
        if part:
            number, kind, name = part.split()
            bare = kind.strip("{}*")
            yield _Field(int(number), bare, name, repeated=kind != bare, mapped=kind.startswith("{"))


def _add_field(message: Any, owner: str, field: _Field) -> None:
    from google.protobuf import descriptor_pb2

    kinds = descriptor_pb2.FieldDescriptorProto
    label = kinds.LABEL_REPEATED if field.repeated else kinds.LABEL_OPTIONAL
    added = message.field.add(name=field.name, number=field.number, label=label)
    if field.mapped:
        entry = message.nested_type.add(name=f"{field.name.capitalize()}Entry")
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=kinds.LABEL_OPTIONAL, type=kinds.TYPE_STRING)
        entry.field.add(
            name="value",
            number=2,
            label=kinds.LABEL_OPTIONAL,
            type=kinds.TYPE_MESSAGE,
            type_name=f".{_PACKAGE}.{field.kind}",
        )
        added.type, added.type_name = kinds.TYPE_MESSAGE, f".{_PACKAGE}.{owner}.{entry.name}"
    elif field.kind in _MESSAGES:
        added.type, added.type_name = kinds.TYPE_MESSAGE, f".{_PACKAGE}.{field.kind}"
    else:
        added.type = getattr(kinds, f"TYPE_{field.kind.upper()}")
