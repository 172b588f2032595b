"""ONNX networks: run by onnxruntime, or as a torch module that can be trained."""
