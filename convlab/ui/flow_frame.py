"""A flow as a picture by itself: a frame of a saved animation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPalette

from convlab.model.flow import Flow
from convlab.render.pixels import Pixels
from convlab.ui.flow_painter import paint_flow

FORMULA_SHARE = 0.16
"""Part of the height for the formula under the flow."""


def frame_painter(size: tuple[int, int], palette: QPalette, font: QFont) -> Callable[[Flow], Pixels]:
    """A function that paints a flow, with its formula, as uint8 [height, width, 3]; it may run on any thread.

    size: (width, height) in pixels. Qt allows painting into a QImage, text included, outside the GUI's thread.
    """
    palette, font = QPalette(palette), QFont(font)

    def paint(flow: Flow) -> Pixels:
        image = QImage(*size, QImage.Format.Format_RGB888)
        image.fill(palette.color(QPalette.ColorRole.Window))
        painter = QPainter(image)
        _paint(painter, flow, size, palette, font)
        painter.end()
        return _array(image)

    return paint


def _paint(painter: QPainter, flow: Flow, size: tuple[int, int], palette: QPalette, font: QFont) -> None:
    width, height = size
    split = height * (1 - FORMULA_SHARE)
    margin = height * 0.02
    paint_flow(painter, QRectF(margin, margin, width - 2 * margin, split - margin), flow, palette, font)
    text = QFont(font)
    area = QRectF(margin, split, width - 2 * margin, height - split - margin)
    flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
    for share in (0.05, 0.042, 0.035, 0.028, 0.022):
        text.setPixelSize(max(1, round(height * share)))
        painter.setFont(text)
        if painter.boundingRect(area, flags, flow.sentence).height() <= area.height():
            break
    painter.setPen(palette.color(QPalette.ColorRole.WindowText))
    painter.drawText(area, flags, flow.sentence)


def _array(image: QImage) -> Pixels:
    """The image's pixels, copied: its memory ends with it."""
    height, width, stride = image.height(), image.width(), image.bytesPerLine()
    data = np.frombuffer(image.constBits(), dtype=np.uint8, count=height * stride)
    return data.reshape(height, stride)[:, : width * 3].reshape(height, width, 3).copy()
