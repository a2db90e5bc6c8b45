"""Everybody can use the site: axe-core finds nothing against WCAG 2 in any view."""

from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.page import CHARTS, DESKTOP, PHONE, Site, Visit, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_RUN = "rules => axe.run(document, rules).then(found => found.violations)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The site that all these tests visit."""
    async with opened_site() as opened:
        yield opened


async def violations(visit: Visit) -> list[str]:
    """What axe-core has against the open page: the rule, and where it is broken."""
    if not await visit.page.evaluate("'axe' in window"):
        await visit.page.evaluate(_AXE)  # the page's own policy would not let it load
    found: list[dict[str, Any]] = await visit.page.evaluate(_RUN, _RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("view", CHARTS)
async def test_axe_finds_no_violation(site: Site, view: str) -> None:
    async with site.visit(DESKTOP) as visit:
        await visit.open(view, "en")
        assert await violations(visit) == []
        await visit.page.emulate_media(color_scheme="dark")
        await visit.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        for table in await visit.page.locator("summary").all():
            await table.click()
        assert await violations(visit) == []


async def test_axe_finds_no_violation_in_a_notice(site: Site) -> None:
    async with site.visit(PHONE) as visit:
        assert await visit.open("nowhere", "zh") == 404
        assert await violations(visit) == []


async def test_axe_would_find_a_picture_without_words(site: Site) -> None:
    async with site.visit(PHONE) as visit:
        await visit.open("nowhere", "zh")
        picture = "document.querySelector('main').append(document.createElement('img'))"
        await visit.page.evaluate(picture)
        assert [one.partition(":")[0] for one in await violations(visit)] == ["image-alt"]
