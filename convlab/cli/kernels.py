"""`convlab kernels`: the presets in groups, with parameters and defaults."""

from __future__ import annotations

from convlab.model.presets import PRESETS, Preset


def list_presets() -> str:
    """One line a preset."""
    width = max(map(len, PRESETS))
    lines: list[str] = []
    category = ""
    for preset in PRESETS.values():
        if preset.category != category:
            category = preset.category
            lines += ["", category] if lines else [category]
        lines.append(f"  {preset.name:<{width}}  {_text(preset)}")
    return "\n".join(lines)


def _text(preset: Preset) -> str:
    first_line = preset.description.split("\n")[0]
    defaults = ", ".join(f"{parameter.name}={parameter.default:g}" for parameter in preset.parameters)
    return f"{first_line}  [{defaults}]" if defaults else first_line
