"""How a prediction travels between station and prediction server: Open Inference Protocol v2, this product's tensors.

Shared by the server and by the station's client; see `model.protocol.contract` for what is asked and answered.
"""
