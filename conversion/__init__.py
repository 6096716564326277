"""LightGBM to ONNX, exactly; the certificate that proves it; publishing to the BentoML model store."""
