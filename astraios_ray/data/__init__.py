"""Instruction data: text in, rows of tokens out."""
