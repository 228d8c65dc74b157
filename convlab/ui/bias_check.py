"""The parameter `bias`, on or off."""

from __future__ import annotations

from convlab.ui.flag_check import FlagCheck


class BiasCheck(FlagCheck):
    """bias on or off."""

    def __init__(self, tip: str) -> None:
        super().__init__("bias", tip)
        self.setText(self.tr("one per output"))
