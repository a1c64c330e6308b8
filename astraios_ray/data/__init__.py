"""Instruction data: reading, splitting, masking, tokenising and packing."""
