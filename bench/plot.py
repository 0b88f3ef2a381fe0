"""Lines in a picture (SVG), both axes logarithmic; with nothing but the standard library."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 50
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#566573")


def decades(values):
    """Powers of ten around the values."""
    return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)


class Axis:
    def __init__(self, values, start, end):
        self.ticks = decades(values)
        self._start, self._end = start, end

    def at(self, value):
        first, last = self.ticks[0], max(self.ticks[-1], self.ticks[0] + 1)
        return self._start + (math.log10(value) - first) / (last - first) * (self._end - self._start)


def text(x, y, words, anchor="start", size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
            f'{escape(words)}</text>')


def line(x1, y1, x2, y2, colour="#ddd"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def grid(horizontal, vertical, x_name, y_name):
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for power in horizontal.ticks:
        x = horizontal.at(10 ** power)
        yield line(x, TOP, x, bottom)
        yield text(x, bottom + 18, f"{10 ** power:,}", "middle")
    for power in vertical.ticks:
        y = vertical.at(10 ** power)
        yield line(LEFT, y, right, y)
        yield text(LEFT - 8, y + 4, f"{10 ** power:,.12g}", "end")
    yield text((LEFT + right) / 2, HEIGHT - 12, x_name, "middle")
    yield text(LEFT, TOP - 10, y_name)


def curve(name, points, colour, horizontal, vertical):
    places = [(horizontal.at(x), vertical.at(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def legend(names):
    """Each name beside the last point of its line, moved apart where two would meet."""
    lowest = 0.0
    for y, name, colour in sorted(names):
        lowest = max(y, lowest + 16)
        yield (f'<g fill="{colour}">' + text(WIDTH - RIGHT + 10, lowest + 4, name) + "</g>")


def picture(title, x_name, y_name, series):
    """`series`: names to lists of points (x, y), all greater than 0."""
    horizontal = Axis([x for points in series.values() for x, _ in points], LEFT, WIDTH - RIGHT)
    vertical = Axis([y for points in series.values() for _, y in points], HEIGHT - BOTTOM, TOP)
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(series)}
    body = [*grid(horizontal, vertical, x_name, y_name)]
    for name, points in series.items():
        body += curve(name, points, colours[name], horizontal, vertical)
    body += legend([(vertical.at(points[-1][1]), name, colours[name])
                    for name, points in series.items()])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>'
            + text(LEFT, 22, title, size=15) + "".join(body) + "</svg>\n")
