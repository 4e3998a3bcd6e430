"""Compare two SVG figures by what they draw: points, labels, limits, styles, pixels."""

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from xml.etree import ElementTree

import numpy as np
from PIL import Image

# In points, 1/72 inch. Last-bit differences between processors move a point by less than
# 1e-4; a curve that fills a hundredth of its axes moves by more than this for 0.1 %.
TOLERANCE = 1e-3
PIXEL_TOLERANCE = 2

_NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
_REFERENCE = re.compile(r"(?<=#)[^)\"']+")


@dataclass(frozen=True)
class Mark:
    """One drawn thing: its name for a person, its look in words, its place in numbers."""

    name: str
    look: str
    numbers: np.ndarray


def difference(stored: str, fresh: str) -> str | None:
    """Say in one sentence how `fresh` differs from `stored`, or return None.

    Coordinates may differ by `TOLERANCE` points, pixels of images by `PIXEL_TOLERANCE`
    levels; texts, styles and the number of points may not differ. Names of clip paths
    and markers do not count.
    """
    for old, new in zip_longest(_marks(stored), _marks(fresh)):
        if old is None:
            return f"there is more than before: {new.name}"
        if new is None:
            return f"this is missing: {old.name}"
        if old.name != new.name:
            return f"{old.name} became {new.name}"
        if old.numbers.size != new.numbers.size:
            return f"{old.name} has {new.numbers.size} coordinates, it had {old.numbers.size}"
        if old.look != new.look:
            return f"{old.name} looks different: {old.look[-100:]} became {new.look[-100:]}"
        tolerance = PIXEL_TOLERANCE if old.name.startswith("image") else TOLERANCE
        moved = np.abs(old.numbers - new.numbers).max(initial=0.0)
        if not moved <= tolerance:
            return f"{old.name} moved by {moved:.3g}"
    return None


def _marks(svg: str) -> Iterator[Mark]:
    builder = ElementTree.TreeBuilder(comment_factory=_comment_element, insert_comments=True)
    parser = ElementTree.XMLParser(target=builder)
    root = ElementTree.fromstring(svg, parser)
    # Names are made from hashes of what they name, so they are replaced by their order.
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    names = {identity: f"id{order}" for order, identity in enumerate(ids)}
    group = "figure"
    for element in root.iter():
        if element.tag == "comment":
            yield Mark(f"text {(element.text or '').strip()!r} in {group}", "", np.empty(0))
            continue
        tag = element.tag.rpartition("}")[2]
        attributes = dict(element.attrib)
        identity = attributes.pop("id", None)
        if identity and tag == "g":
            group = identity
        if tag == "image":
            pixels = attributes.pop("{http://www.w3.org/1999/xlink}href")
            yield Mark(f"image in {group}", "", _pixels(pixels))
        words: list[str] = []
        numbers: list[str] = []
        for key, value in sorted(attributes.items()):
            value = _REFERENCE.sub(lambda match: names.get(match[0], match[0]), value)
            if key in ("style", "class", "clip-path") or "href" in key:
                words.append(f"{key}={value}")
            else:
                words.append(f"{key}={_NUMBER.sub('?', value)}")
                numbers += _NUMBER.findall(value)
        if element.text and element.text.strip():
            words.append(repr(element.text.strip()))
        yield Mark(f"{tag} in {group}", " ".join(words), np.array(numbers, dtype=float))


def _comment_element(text: str | None) -> ElementTree.Element:
    """Keep a comment as an element: Matplotlib draws words as outlines and names them there."""
    element = ElementTree.Element("comment")
    element.text = text
    return element


def _pixels(data_uri: str) -> np.ndarray:
    png = base64.b64decode(data_uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), dtype=float)
