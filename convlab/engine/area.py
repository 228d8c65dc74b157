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


def block_bands(cover: Region, rows: int, step: int) -> Iterator[Region]:
    """Bands of at most `rows` rows, but of whole blocks of `step` rows, whose means then do not depend on the bands."""
    yield from cover.bands(max(step, rows // step * step))


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
        """Take in values [maps, band.rows, band.cols] of whole blocks; what lies outside the region is ignored."""
        cover, step = self._cover, self._region.step
        top, bottom = max(band.top, cover.top), min(band.top + band.rows, cover.top + cover.rows)
        left, first = cover.left - band.left, (top - cover.top) // step
        if top >= bottom:
            return
        for means, plane in zip(self._means, values, strict=True):  # torch's sums over several depend on their number
            found = _row_means(plane[top - band.top : bottom - band.top, left : left + cover.cols], step)
            means[first : first + len(found)] = _column_means(found, step)


def _row_means(values: torch.Tensor, step: int) -> torch.Tensor:
    """The mean of each `step` rows; the last may have fewer."""
    blocks, full = len(values) // step, len(values) // step * step
    means = values[:full].reshape(blocks, step, values.shape[1]).mean(1)
    if full == len(values):
        return means
    return torch.cat([means, values[full:].mean(0, keepdim=True)])


def _column_means(values: torch.Tensor, step: int) -> torch.Tensor:
    return F.avg_pool2d(values[None], (1, step), ceil_mode=True)[0]
