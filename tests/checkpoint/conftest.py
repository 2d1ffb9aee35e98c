from small_training import small

__all__ = ["small"]  # fixtures
