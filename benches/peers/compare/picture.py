"""Line charts as SVG, both axes logarithmic: a straight line is a power of the batch size."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEGEND = 420, 240, 30
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 28, 28  # around the axes of one chart
COLOURS = ["#1b6ca8", "#d1495b", "#66a5d9", "#eda2ab"]


@dataclass
class Line:
    """A name for the legend, and points (x, y) with both above zero."""

    name: str
    points: list[tuple[float, float]]


@dataclass
class Chart:
    title: str
    lines: list[Line]


def text(x: float, y: float, words: str, anchor: str = "middle", size: int = 11) -> str:
    words = escape(words)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def axis(values: Sequence[float], low: float, high: float) -> Callable[[float], float]:
    """From a value to its place between `low` and `high`."""
    first, last = math.log(min(values)), math.log(max(values))
    return lambda v: low + (math.log(v) - first) / ((last - first) or 1) * (high - low)


def decades(values: Sequence[float]) -> list[float]:
    """The powers of ten around the values."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0**k for k in range(first, max(last, first + 1) + 1)]


def draw_chart(chart: Chart, x0: float, y0: float) -> Iterator[str]:
    """One chart with its upper left corner at (x0, y0)."""
    points = [point for line in chart.lines for point in line.points]
    yield text(x0 + (LEFT + WIDTH - RIGHT) / 2, y0 + 18, chart.title, size=13)
    if not points:
        yield text(x0 + WIDTH / 2, y0 + HEIGHT / 2, "not measured")
        return
    ticks, sizes = decades([y for _, y in points]), sorted({x for x, _ in points})
    left, right, top, bottom = x0 + LEFT, x0 + WIDTH - RIGHT, y0 + TOP, y0 + HEIGHT - BOTTOM
    place_x, place_y = axis(sizes, left, right), axis(ticks, bottom, top)
    for tick in ticks:
        y = place_y(tick)
        yield f'<path d="M{left} {y:.1f}H{right}" stroke="#ddd"/>'
        yield text(left - 6, y + 4, f"{tick:g}", "end")
    for size in sizes:
        yield text(place_x(size), bottom + 16, f"{size}")
    for line, colour in zip(chart.lines, COLOURS, strict=False):
        if not line.points:
            continue
        places = [f"{place_x(x):.1f} {place_y(y):.1f}" for x, y in line.points]
        path = "L".join(places)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for place in places:
            x, y = place.split()
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'


def draw(charts: Sequence[Chart], columns: int) -> str:
    """The charts in a grid under one legend, as the text of an SVG file."""
    rows = -(-len(charts) // columns)
    width, height = columns * WIDTH, LEGEND + rows * HEIGHT
    parts = [f'<rect width="{width}" height="{height}" fill="white"/>']
    for i, (line, colour) in enumerate(zip(charts[0].lines, COLOURS, strict=False)):
        x = 20 + i * width / len(COLOURS)
        parts.append(f'<rect x="{x:.0f}" y="12" width="18" height="4" fill="{colour}"/>')
        parts.append(text(x + 24, 18, line.name, "start"))
    for i, chart in enumerate(charts):
        parts += draw_chart(chart, i % columns * WIDTH, LEGEND + i // columns * HEIGHT)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    return f'{opening} font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>\n"
