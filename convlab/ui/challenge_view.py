"""A challenge: the target beside the student's map, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from convlab.app.lesson_work import Scored
from convlab.model.challenge import Score
from convlab.ui.number_map import NumberMap, shared_limits
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, number_text
from convlab.ui.tone_label import ToneLabel


class ChallengeView(QWidget):
    """Follows the score. Both maps have the target's contrast."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.target, self.present = NumberMap(self.tr("target map")), NumberMap(self.tr("your map"))
        self.distance = PlainLabel()
        self.distance.setWordWrap(True)
        self.mark = PlainLabel(self.tr("✓ Reached"))
        font = self.mark.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self.mark.setFont(font)
        self.mark.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE)
        grid.addWidget(ToneLabel(self.tr("target"), tone="quiet"), 0, 0)
        grid.addWidget(ToneLabel(self.tr("yours"), tone="quiet"), 0, 1)
        grid.addWidget(self.target, 1, 0)
        grid.addWidget(self.present, 1, 1)
        grid.addWidget(self.distance, 2, 0, 1, 2)
        grid.addWidget(self.mark, 3, 0, 1, 2)
        grid.setColumnStretch(2, 1)

    @Slot(object)
    def show_scored(self, scored: Scored) -> None:
        """Show how far it is."""
        limits = shared_limits([scored.target])
        self.target.show_values(scored.target, limits)
        self.present.show_values(scored.present, limits)
        self.mark.setVisible(scored.score.reached)
        self.distance.setText(self._sentence(scored.score, scored.present is None))

    def _sentence(self, score: Score, no_map: bool) -> str:
        if no_map:
            return self.tr("The layer gives no map as it is.")
        if score.sizes is not None:
            present, target = (" × ".join(map(str, size)) for size in score.sizes)
            axes = [
                self.tr("channels × samples"),
                self.tr("channels × rows × columns"),
                self.tr("channels × slices × rows × columns"),
            ][len(score.sizes[1]) - 2]
            text = self.tr("Your maps are {present}, the target's are {target} ({axes}).")
            return text.format(present=present, target=target, axes=axes)
        text = self.tr("largest difference {largest} ({share} % of the target's range), mean (RMS) {rms}")
        share = number_text(score.share * 100, 3)
        return text.format(largest=number_text(score.largest), share=share, rms=number_text(score.rms))
