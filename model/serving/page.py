"""What the API page says about bodies that are no plain JSON."""

from __future__ import annotations

from typing import Any, Final

from model.protocol.contract import INPUTS, OUTPUTS
from model.serving.rest import LENGTH_HEADER

_ERROR: Final = {
    "description": "What is wrong, in one sentence.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}},
}
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: _ERROR,
    401: _ERROR,
    403: _ERROR,
    404: _ERROR,
    409: _ERROR,
    413: _ERROR,
    429: _ERROR,
    503: _ERROR,
    504: _ERROR,
}
"""Answers that any call may give."""

_TENSORS: Final = ", ".join(f"{spec.name} ({spec.datatype} {list(spec.shape)})" for spec in (*INPUTS, *OUTPUTS))
_TENSOR: Final = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"type": "string", "enum": ["BYTES", "UINT8", "FP64"]},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "data": {"type": "array", "items": {}},
        "parameters": {"type": "object", "properties": {"binary_data_size": {"type": "integer", "minimum": 0}}},
    },
}

INFER: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": f"One input. Tensors: {_TENSORS}. A picture file in JSON is base64; better is binary data behind"
        f" the JSON, with its size as binary_data_size and the size of the JSON in the header {LENGTH_HEADER}.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["inputs"],
                    "properties": {
                        "id": {"type": "string"},
                        "parameters": {
                            "type": "object",
                            "properties": {
                                "timeout": {"type": "integer", "description": "µs", "minimum": 1},
                                "binary_data_output": {"type": "boolean"},
                            },
                        },
                        "inputs": {"type": "array", "items": _TENSOR, "minItems": 1, "maxItems": 1},
                        "outputs": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "parameters": [
        {"name": LENGTH_HEADER, "in": "header", "required": False, "schema": {"type": "integer", "minimum": 0}}
    ],
}

PREDICT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A picture file's content: JPEG, PNG, BMP, TIFF or WebP.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

PARAMETERS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": False,
        "description": "version: which one to load. model: what a name (default, blue, green) is to stand for.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "parameters": {
                            "type": "object",
                            "properties": {"version": {"type": "string"}, "model": {"type": "string"}},
                        }
                    },
                }
            }
        },
    }
}
