"""Make ``resources/fonts/DroidSansFallback-Names.ttf``: what names and notes in Chinese or Japanese are printed with.

Cut from Droid Sans Fallback (Apache-2.0; Debian package ``fonts-droid-fallback``) to the characters of GB 2312, of
Big5's first plane and of JIS X 0208: simplified, traditional and Japanese everyday characters.

    python docs/make_name_font.py /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

TARGET = Path(__file__).parents[1] / "resources" / "fonts" / "DroidSansFallback-Names.ttf"
_PLANES = (
    ("gb2312", range(0xA1, 0xF8)),
    ("big5", range(0xA1, 0xC7)),
    ("euc_jp", range(0xA1, 0xF5)),
)


def characters() -> set[int]:
    """Return the code points of the character sets above."""
    found: set[int] = set()
    for encoding, leads in _PLANES:
        trails = range(0x40, 0xFF) if encoding == "big5" else range(0xA1, 0xFF)
        for lead in leads:
            for trail in trails:
                try:
                    found.add(ord(bytes((lead, trail)).decode(encoding)))
                except (UnicodeDecodeError, TypeError):
                    continue
    return found


def main(source: Path) -> None:
    """Cut the font and write it."""
    options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True, name_IDs=["*"])
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    subset.save_font(font, str(TARGET), options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
