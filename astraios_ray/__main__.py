"""``python -m astraios_ray``: the same as ``astraios-ray``."""

from astraios_ray.cli.main import main

if __name__ == "__main__":
    main()
