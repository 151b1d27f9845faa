"""The prediction server: models of the registry over Open Inference Protocol v2, gRPC and HTTP."""
