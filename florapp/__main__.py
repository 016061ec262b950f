"""The ``florapp`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command given on the command line; return its exit status."""
    from florapp.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
