"""A convolution and its transpose: the defining equation, torch's own transpose, and the sizes output_padding picks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from random_layers import documents, torch_layer

from convlab.engine.pair import pair
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.matrix import matrix_source
from convlab.model.pair import pair_refusal, same_output_sizes, transpose_of
from convlab.model.shape import output_size

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself


@given(documents())
def test_the_inner_products_are_equal_and_the_transpose_is_torchs(document: Document) -> None:
    assume(pair_refusal(edited(document)) is None)
    found = pair(edited(document), seed=1)
    scale = max(1.0, float(np.abs(found.gathered).sum()))
    assert abs(found.left - found.right) <= 1e-6 * scale  # x is float32 where the photo is
    # autograd's own transpose: the gradient of ⟨A x, y⟩ for x is Aᵀ y
    x = torch.from_numpy(found.x).requires_grad_()
    bare = torch_layer(document)
    bare.bias = None
    gathered = bare(x[None])[0]
    np.testing.assert_allclose(found.gathered, gathered.detach().numpy(), rtol=1e-6, atol=1e-6 * scale)
    (gathered * torch.from_numpy(found.y)).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(found.scattered, x.grad.numpy(), rtol=1e-9, atol=1e-9 * scale)


def test_output_padding_picks_the_size_that_was_there() -> None:
    spec = ConvSpec(1, 1, (3, 3), (2, 2), (1, 1))
    for size in (7, 8):
        document = new_document(matrix_source(np.ones((1, size, size))), spec, np.ones((1, 1, 3, 3)))
        assert output_size(spec, (1, size, size)) == (1, 4, 4)
        back = transpose_of(document)
        assert back.output_padding == (0, size - 7, size - 7)
        assert output_size(back, (1, 4, 4)) == (1, size, size)
    assert same_output_sizes(spec, (1, 4, 4)) == ((1,), (7, 8), (7, 8))


def test_what_has_no_pair_says_why() -> None:
    source = matrix_source(np.ones((1, 6, 6)))
    reflect = new_document(source, ConvSpec(1, 1, padding_mode="reflect"), np.ones((1, 1, 3, 3)))
    even = new_document(source, ConvSpec(1, 1, (2, 2)), np.ones((1, 1, 2, 2)))
    assert "padding_mode 'zeros' only" in str(pair_refusal(edited(reflect)))
    assert "one-sided" in str(pair_refusal(edited(even)))
