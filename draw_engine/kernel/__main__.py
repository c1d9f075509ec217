"""`python -m draw_engine.kernel`: build the library, or say that Python does the work."""

from draw_engine.kernel import build

if __name__ == "__main__":
    build()
