"""The code that runs inside the jail; it can import only the standard library and itself."""
