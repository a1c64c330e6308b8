"""Search over fine-tuning methods for code language models, on Ray."""

__version__ = "0.1.0"
