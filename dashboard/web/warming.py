"""Looks once at every view, so that the first visitor waits for no template and no first read."""

import asyncio

from dashboard.web.api import IngestApi, IngestUnavailable
from dashboard.web.asking import MEASURES, asked
from dashboard.web.rendering import Renderer
from dashboard.web.site import VIEWS

_PATIENCE_SECONDS = 20.0
"""A centre that is slow delays the page no longer than this."""


async def warm(api: IngestApi, renderer: Renderer) -> None:
    """Read and write every view but that of a single station; without ingest, do nothing."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for path in VIEWS:
                if "{" not in path:
                    await _look(api, renderer, path)
    except (IngestUnavailable, TimeoutError):
        return  # the page tells visitors, and asks again for each of them


async def _look(api: IngestApi, renderer: Renderer, path: str) -> None:
    for measure in MEASURES if path == "screening" else MEASURES[:1]:
        wanted = asked(path, "zh", {"measure": measure})
        seen = await VIEWS[path].take(api, wanted)
        renderer.page(VIEWS[path], seen, wanted, whole=True)
