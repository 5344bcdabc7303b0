"""An auto-graded deep-learning course: judges untrusted code safely, teaches from the verdict."""

__version__ = "0.1.0"
