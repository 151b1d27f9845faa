"""``python -P -m inspector_app`` is the same as ``inspector-app``."""

from inspector_app.cli import main

if __name__ == "__main__":
    main()
