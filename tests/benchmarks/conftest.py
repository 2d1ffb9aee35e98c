from small_models import checkpoint, flat, grid, holds, pieces, told_more

__all__ = ["checkpoint", "flat", "grid", "holds", "pieces", "told_more"]  # fixtures
