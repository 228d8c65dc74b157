"""Measures a program from outside, in a process of its own: what a person does, until it is seen.

The program may be another checkout's, older or newer than this folder, so nothing here asks for more of it than
`convlab.ui.application.opened`, `window.open_path`, a session file, accessible names, the mouse and the pixels on
screen; `convlab apply`; and for whole maps `convlab.bench.full_size.ours`, which version 1 has not (`version1`).
This folder imports nothing else of convlab, and itself only relatively: in that process it is called `stopwatch`.
"""
