"""The rendering of a session's url."""

from io import BytesIO

from PIL import Image
import segno

from custom_components.piggy import qr
from custom_components.piggy.qr.code import MIN_PIXELS, QUIET_ZONE

from .samples import Samples, in_turn, timed

ROUNDS = 80
QUICK = 8
# As long as what Piggy's documents show.
URL = "https://customer-portal.example/portal-sessions?uuid=0e4dbb63-1a36-4a3b-8c62-{:012x}"


def segno_png(url: str) -> bytes:
    """Return the same code by segno: version, level, quiet zone and pixels."""
    code = segno.make_qr(url, error="m", mode="byte", boost_error=False)
    width = code.symbol_size(border=QUIET_ZONE)[0]
    content = BytesIO()
    code.save(content, kind="png", scale=-(-MIN_PIXELS // width), border=QUIET_ZONE)
    return content.getvalue()


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family; raises ValueError if the codes differ in size."""
    urls = [URL.format(number) for number in range(1000)]
    pictures = [Image.open(BytesIO(draw(urls[0]))) for draw in (qr.render, segno_png)]
    if pictures[0].size != pictures[1].size:
        raise ValueError(f"pictures of {pictures[0].size} and {pictures[1].size}")
    ours, theirs = iter(urls), iter(urls)

    async def render() -> None:
        qr.render(next(ours))

    async def beside() -> None:
        segno_png(next(theirs))

    rounds = ROUNDS // (QUICK if quick else 1)
    samples = await in_turn(timed(render), timed(beside), rounds, 2)
    return {"rendering": samples}
