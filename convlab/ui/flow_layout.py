"""Where the parts of a flow lie: everything is measured in ems, then scaled to the room there is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from convlab.model.flow import Flow, FlowRow, Numbers

LINE, HIGHEST_LINE = 1.75, 2.5
"""Height of a cell and a line, and of one where there is room."""
HEAD, NAME, ROW_GAP = 2.0, 1.5, 0.9
SIGN, TO_SUM, TO_SIGMA, TO_OUTPUT = 2.0, 2.0, 3.4, 3.0
PICTURE = 9.0
"""Width and height at most of a grid without numbers."""
SMALLEST, LARGEST = 9.0, 46.0
"""Logical pixels of an em: those that a widget asks height for, and the most."""
_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class RowLayout:
    """One channel's rectangles; list stands in the place of the products of a large kernel."""

    name: QRectF
    window: QRectF
    kernel: QRectF
    products: QRectF
    subtotal: QRectF


@dataclass(frozen=True, slots=True)
class FlowLayout:
    """All rectangles, in logical pixels. em: the size of the text."""

    em: float
    rows: tuple[RowLayout, ...]
    heads: tuple[QRectF, ...]
    more: QRectF
    sigma: QRectF
    near: QRectF
    height: float


class Ems:
    """The flow's widths and heights in ems, with cells of the height `line`."""

    def __init__(self, flow: Flow, font: QFont, line: float = LINE) -> None:
        self._line = line
        reference = QFont(font)
        reference.setPixelSize(_REFERENCE)
        self._metrics = QFontMetricsF(reference)
        rows = flow.rows
        self.window = max(self.grid(row.window)[0] for row in rows)
        self.kernel = max(self.grid(row.kernel)[0] for row in rows)
        self.products = max(self._products(row)[0] for row in rows)
        self.subtotal = max(self.text(row.subtotal) for row in rows) + 1.2
        self.sigma = max(self.text(flow.total) * 1.25, self.text(flow.between) + 1.0, 3.0) + 1.2
        self.near = self.grid(flow.near)
        self.output = max(self.near[0], self.text(place_text(flow)))
        self.row_heights = [max(self.grid(r.window)[1], self.grid(r.kernel)[1], self._products(r)[1]) for r in rows]
        self.more = LINE if flow.more else 0.0

    def text(self, text: str) -> float:
        """Width of a text."""
        return self._metrics.horizontalAdvance(text) / _REFERENCE

    def grid(self, numbers: Numbers) -> tuple[float, float]:
        """(width, height) of a grid; small where it has no texts."""
        rows, cols = numbers.values.shape
        if not numbers.texts:
            side = min(LINE, PICTURE / max(rows, cols))
            return cols * side, rows * side
        widest = max(self.text(text) for line in numbers.texts for text in line)
        return cols * max(LINE, widest + 0.7), rows * self._line

    def _products(self, row: FlowRow) -> tuple[float, float]:
        if not row.listed:
            return self.grid(row.products)
        return max(self.text(line) for line in row.listed) + 1.0, len(row.listed) * self._line * 0.8

    @property
    def width(self) -> float:
        """Of everything."""
        grids = self.window + self.kernel + self.products + self.subtotal + self.sigma + self.output
        return grids + 2 * SIGN + TO_SUM + TO_SIGMA + TO_OUTPUT + 1.0

    @property
    def height(self) -> float:
        """Of everything."""
        rows = sum(NAME + height + ROW_GAP for height in self.row_heights)
        return HEAD + max(rows + self.more, self.near[1] + 2 * LINE) + 0.5

    def product_size(self, row: FlowRow) -> tuple[float, float]:
        """(width, height) of a row's products, or of their list."""
        return self._products(row)


def place_text(flow: Flow) -> str:
    """Where the value lies in its map."""
    text = QCoreApplication.translate("FlowView", "row {row}, column {col}")
    return text.format(row=flow.position[0], col=flow.position[1])


def flow_layout(flow: Flow, font: QFont, width: float, height: float) -> FlowLayout:
    """The largest layout that fits width × height."""
    ems = Ems(flow, font)
    em = min(max(min(width / ems.width, height / ems.height), 1.0), LARGEST)
    line = min(max(LINE * height / (ems.height * em) * 0.95, LINE), HIGHEST_LINE)
    ems = Ems(flow, font, line)
    spare = max(0.0, width - ems.width * em) / 5
    left = 0.5 * em
    xs = [left]
    for column, gap in (
        (ems.window, SIGN),
        (ems.kernel, SIGN),
        (ems.products, TO_SUM),
        (ems.subtotal, TO_SIGMA),
        (ems.sigma, TO_OUTPUT),
    ):
        xs.append(xs[-1] + (column + gap) * em + min(spare, 2 * gap * em))
    whole = xs[-1] + ems.output * em + 0.5 * em
    shift = max(0.0, (width - whole) / 2)
    xs = [x + shift for x in xs]
    top = max(0.0, (height - ems.height * em) / 2)
    rows = _rows(flow, ems, xs, em, top + HEAD * em)
    bottom = rows[-1].window.bottom() if not rows else max(max(r.window.bottom(), r.products.bottom()) for r in rows)
    more = QRectF(xs[0], bottom + ROW_GAP * em, xs[4] - xs[0] - TO_SIGMA * em, ems.more * em)
    middle = (rows[0].name.top() + (more.bottom() if ems.more else bottom)) / 2
    sigma = QRectF(xs[4], middle - 2.6 * em, ems.sigma * em, 5.2 * em)
    near_width, near_height = (size * em for size in ems.near)
    near = QRectF(xs[5] + (ems.output * em - near_width) / 2, middle - near_height / 2, near_width, near_height)
    widths = (ems.window, ems.kernel, ems.products, ems.subtotal, ems.sigma, ems.output)
    heads = tuple(QRectF(x, top, w * em, HEAD * em) for x, w in zip(xs, widths, strict=True))
    return FlowLayout(em, rows, heads, more, sigma, near, ems.height * em)


def _rows(flow: Flow, ems: Ems, xs: list[float], em: float, top: float) -> tuple[RowLayout, ...]:
    rows = []
    for row, height in zip(flow.rows, ems.row_heights, strict=True):
        grid_top, high = top + NAME * em, height * em

        def centred(x: float, size: tuple[float, float], y: float = grid_top, h: float = high) -> QRectF:
            return QRectF(x, y + (h - size[1] * em) / 2, size[0] * em, size[1] * em)

        rows.append(
            RowLayout(
                name=QRectF(xs[0], top, xs[3] - xs[0], NAME * em),
                window=centred(xs[0], (ems.window, ems.grid(row.window)[1])),
                kernel=centred(xs[1], (ems.kernel, ems.grid(row.kernel)[1])),
                products=centred(xs[2], (ems.products, ems.product_size(row)[1])),
                subtotal=centred(xs[3], (ems.subtotal, LINE)),
            )
        )
        top = grid_top + high + ROW_GAP * em
    return tuple(rows)
