"""A contact sheet: many labelled pictures as one."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from convlab.render.pixels import Pixels

MARGIN, TEXT = 12, 14
PAPER, INK = (255, 255, 255), (20, 20, 20)


def contact_sheet(title: str, pictures: Sequence[tuple[str, Pixels]], side: int) -> Pixels:
    """uint8 [H, W, 3]: the pictures in rows, each at most `side` pixels long, with its label under it."""
    thumbs = [(label, _thumbnail(pixels, side)) for label, pixels in pictures]
    cell_w = max(max(image.width for _, image in thumbs), 180) + MARGIN
    cell_h = max(image.height for _, image in thumbs) + TEXT + 2 * MARGIN
    columns = min(len(thumbs), max(1, ceil(sqrt(len(thumbs) * 4 / 3 * cell_h / cell_w))))
    rows = ceil(len(thumbs) / columns)
    font = ImageFont.load_default(TEXT)
    width = max(columns * cell_w + MARGIN, int(font.getlength(title)) + 2 * MARGIN)
    sheet = Image.new("RGB", (width, rows * cell_h + 2 * MARGIN + TEXT), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), title, INK, font)
    for place, (label, image) in enumerate(thumbs):
        x = MARGIN + place % columns * cell_w
        y = 2 * MARGIN + TEXT + place // columns * cell_h
        sheet.paste(image, (x, y))
        draw.text((x, y + image.height + 4), label, INK, font)
    return np.asarray(sheet)


def _thumbnail(pixels: Pixels, side: int) -> Image.Image:
    image = Image.fromarray(pixels).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.BOX)
    return image
