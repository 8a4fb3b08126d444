"""The bytes of files: what stands where, without a pixel being decoded."""
