"""ConvLab: a desktop playground for convolution."""
