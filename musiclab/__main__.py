"""Let ``python -m musiclab`` do what the command ``musiclab`` does."""

import sys

from musiclab.cli import main

if __name__ == "__main__":
    sys.exit(main())
