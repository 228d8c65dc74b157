"""Area averages of a full-resolution map, built up band by band."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.model.region import Region


def covered(region: Region, size: tuple[int, int]) -> Region:
    """All positions that the blocks of region.step × region.step at its positions cover, in a map of `size`."""
    bottom = min(region.top + region.rows * region.step, size[0])
    right = min(region.left + region.cols * region.step, size[1])
    return Region(region.top, region.left, bottom - region.top, right - region.left)


def aligned_bands(cover: Region, rows: int, step: int) -> Iterator[Region]:
    """Bands of about `rows` rows that end where a block of `step` rows ends, or lie in one block."""
    rows = rows // step * step if rows >= step else rows
    top, end = cover.top, cover.top + cover.rows
    while top < end:
        block_end = top + rows if rows >= step else min(top + rows, (top // step + 1) * step)
        count = min(block_end, end) - top
        yield Region(top, cover.left, count, cover.cols)
        top += count


class Averager:
    """The mean of each step × step block of a region, at the map's border of the part inside."""

    def __init__(self, region: Region, size: tuple[int, int], maps: int, dtype: torch.dtype, device: torch.device):
        self._region, self._cover = region, covered(region, size)
        self._means = torch.zeros((maps, region.rows, region.cols), dtype=dtype, device=device)

    @property
    def means(self) -> torch.Tensor:
        """[maps, region.rows, region.cols]."""
        return self._means

    def add(self, values: torch.Tensor, band: Region) -> None:
        """Take in values [maps, band.rows, band.cols] of an aligned band; what lies outside the region is ignored."""
        cover = self._cover
        top, bottom = max(band.top, cover.top), min(band.top + band.rows, cover.top + cover.rows)
        if top >= bottom:
            return
        left = cover.left - band.left
        for place, plane in enumerate(values):  # one by one: torch's sums over several depend on how many there are
            part = plane[top - band.top : bottom - band.top, left : left + cover.cols]
            self._add_plane(self._means[place], part, top - cover.top)

    def _add_plane(self, means: torch.Tensor, part: torch.Tensor, top: int) -> None:
        """Rows from `top` on, counted from the region's top."""
        step, bottom = self._region.step, top + len(part)
        first = top // step
        if top % step == 0 and (bottom % step == 0 or bottom == self._cover.rows):
            found = _column_means(_row_means(part, step), step)
            means[first : first + len(found)] = found
        else:
            height = min(step, self._cover.rows - first * step)
            means[first] += _column_means(part.mean(0, keepdim=True), step)[0] * (len(part) / height)


def _row_means(values: torch.Tensor, step: int) -> torch.Tensor:
    """The mean of each `step` rows; the last may have fewer."""
    blocks, full = len(values) // step, len(values) // step * step
    means = values[:full].reshape(blocks, step, values.shape[1]).mean(1)
    if full == len(values):
        return means
    return torch.cat([means, values[full:].mean(0, keepdim=True)])


def _column_means(values: torch.Tensor, step: int) -> torch.Tensor:
    return F.avg_pool2d(values[None], (1, step), ceil_mode=True)[0]
