"""The station as client of a prediction server that speaks Open Inference Protocol v2 over gRPC."""
