"""The offline model: rules and quotations in place of a language model."""

from rlm_tui.engine.models.offline.model import OfflineModel

__all__ = ["OfflineModel"]
