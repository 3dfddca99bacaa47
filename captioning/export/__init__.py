"""Captioners for other engines than torch: graphs in the ONNX format, and a folder that tells how to run them."""
