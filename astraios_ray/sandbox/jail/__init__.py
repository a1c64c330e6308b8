"""What runs inside the jail. Imports only the standard library and itself, since nothing else is there."""
