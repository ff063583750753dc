"""Measures what share of the codes every reader reads after every damage."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from math import nan
from typing import Final

import cv2
import numpy as np
from PIL import Image

from .damage import CONDITIONS, Condition
from .readers import READERS, Picture, wechat

WORKERS: Final = 2  # the readers let go of the interpreter while they work


@dataclass(frozen=True, kw_only=True)
class Row:
    """The shares of codes that were read, by reader."""

    condition: Condition
    shares: dict[str, float]

    @property
    def holds(self) -> bool:
        """Return whether enough codes were read."""
        required = self.condition.required
        return all(share >= required[name] for name, share in self.shares.items())


def loaded(content: bytes) -> Picture:
    """Return a PNG as grey pixels."""
    with Image.open(BytesIO(content)) as picture:
        return np.asarray(picture.convert("L"))


def measure(
    codes: Iterable[tuple[str, Picture]],
    conditions: Iterable[Condition] = CONDITIONS,
    *,
    phone_every: int = 1,
) -> list[Row]:
    """Return the table for the codes of some urls; the same one on every run.

    WeChat's reader takes most of the time; it may read only one of so many codes.
    """
    codes = list(codes)

    def read(condition: Condition, index: int) -> list[float]:
        url, picture = codes[index]
        seen = condition.damage(picture, np.random.default_rng(index))
        return [
            reader(seen) == url
            if reader is not wechat or not index % phone_every
            else nan
            for reader in READERS.values()
        ]

    def row(condition: Condition) -> Row:
        answers = list(pool.map(partial(read, condition), range(len(codes))))
        shares = np.nanmean(answers, axis=0).tolist()
        return Row(condition=condition, shares=dict(zip(READERS, shares, strict=True)))

    # Threads within OpenCV, beside ours, would only be in each other's way.
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            return [row(condition) for condition in conditions]
    finally:
        cv2.setNumThreads(threads)


def written(rows: Iterable[Row]) -> str:
    """Return the table in Markdown; the last column is for the first reader."""
    lines = [
        f"| damage | what it is | {' | '.join(READERS)} | required |",
        "|---|---|" + "---:|" * (len(READERS) + 1),
    ]
    for row in rows:
        shares = " | ".join(f"{share:.1%}" for share in row.shares.values())
        asked = f"{row.condition.judged:.0%}" if row.condition.judged else "no"
        lines.append(
            f"| {row.condition.name} | {row.condition.says} | {shares} | {asked} |"
        )
    return "\n".join(lines)
