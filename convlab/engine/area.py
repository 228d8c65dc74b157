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
        cover, step = self._cover, self._region.step
        top, bottom = max(band.top, cover.top), min(band.top + band.rows, cover.top + cover.rows)
        if top >= bottom:
            return
        left = cover.left - band.left
        part = values[:, top - band.top : bottom - band.top, left : left + cover.cols]
        first = (top - cover.top) // step
        whole_blocks = (bottom - cover.top) % step == 0 or bottom == cover.top + cover.rows
        if (top - cover.top) % step == 0 and whole_blocks:
            means = _column_means(_row_means(part, step), step)
            self._means[:, first : first + means.shape[1]] = means
        else:
            height = min(step, cover.rows - first * step)
            share = (bottom - top) / height
            self._means[:, first] += _column_means(part.mean(1, keepdim=True), step)[:, 0] * share


def _row_means(values: torch.Tensor, step: int) -> torch.Tensor:
    """The mean of each `step` rows; the last may have fewer."""
    blocks, full = values.shape[1] // step, values.shape[1] // step * step
    means = values[:, :full].reshape(len(values), blocks, step, values.shape[2]).mean(2)
    if full == values.shape[1]:
        return means
    return torch.cat([means, values[:, full:].mean(1, keepdim=True)], 1)


def _column_means(values: torch.Tensor, step: int) -> torch.Tensor:
    return F.avg_pool2d(values, (1, step), ceil_mode=True)
