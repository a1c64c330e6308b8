"""The page in a real browser: at every width, light and dark, on paper; links and sorting work."""

from collections.abc import Iterator

import pytest

from astraios_ray.report.write import write_report
from tests.fakes.whole_studies import whole_study
from tests.report.chromium import PROGRAM, Chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs Chromium, as Debian's package chromium has it"),
]
WIDTHS = (400, 800, 1600)  # CSS pixels
PAPER = 794  # A4 at 96 dots per inch


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser that shows the report of a study which has every part."""
    folder = tmp_path_factory.mktemp("browser")
    page = write_report(whole_study(), folder / "run", 2.5)[2]
    with Chromium(folder / "profile") as chromium:
        chromium.open(page.as_uri())
        yield chromium


def overflow(browser: Chromium) -> list[str]:
    """What sticks out of the page, but for tables, which scroll in boxes of their own."""
    elements: list[str] = browser.value(
        """[...document.querySelectorAll("main *, header *, footer *")]
        .filter(each => !each.closest(".box table, pre, svg"))
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.outerHTML.slice(0, 80))"""
    )
    return elements


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways_and_nothing_complains(browser: Chromium, width: int, dark: bool) -> None:
    browser.show(width, dark=dark)
    assert browser.value("innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") == width
    assert overflow(browser) == []
    assert browser.complaints == []


def test_every_part_is_on_the_page(browser: Chromium) -> None:
    parts = browser.value('[...document.querySelectorAll("main h2")].map(each => each.id)')
    assert {"methods", "proxy", "pruning", "robustness", "security", "cost", "card", "settings"} <= set(parts)


def test_tables_fit_on_paper(browser: Chromium) -> None:
    browser.show(PAPER, paper=True)
    assert browser.value("document.documentElement.scrollWidth") == PAPER
    assert (
        browser.value("Math.max(...[...document.querySelectorAll('table')].map(t => t.scrollWidth))") < PAPER
    )
    expression = "[...document.querySelectorAll('details table')].filter(t => !t.checkVisibility()).length"
    assert browser.value(expression) == 0


def test_text_stands_out_from_its_ground_in_both_modes(browser: Chromium) -> None:
    for dark in (False, True):
        browser.show(800, dark=dark)
        assert min(browser.value(CONTRASTS)) >= 4.5  # WCAG 2.2, AA


def test_a_trial_that_is_named_leads_to_its_line(browser: Chromium) -> None:
    names = browser.value("[...document.querySelectorAll(\"a[href^='#t']\")].map(a => a.hash.slice(1))")
    assert names
    assert browser.value(f"{names!r}.every(name => document.getElementById(name)?.closest('tbody'))")


def test_a_title_sorts_its_table(browser: Chromium) -> None:
    rows = '[...document.querySelectorAll("section[aria-labelledby=trials] tbody tr")].map(row => row.id)'
    before = browser.value(rows)
    button = 'document.querySelectorAll("section[aria-labelledby=trials] th button")[4]'  # validation loss
    browser.value(f"{button}.click()")
    after = browser.value(rows)
    assert sorted(after) == sorted(before) and after != before
    losses = browser.value(
        '[...document.querySelectorAll("section[aria-labelledby=trials] tbody tr")]'
        ".map(row => row.cells[4].dataset.n).filter(n => n !== undefined).map(Number)"
    )
    assert losses == sorted(losses)


CONTRASTS = """(() => {
  const parse = color => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = each => {
    for (; each; each = each.parentElement) {
      const color = parse(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
  };
  return [...document.querySelectorAll("p, li, th, td, a, h1, h2, h3, small, dd, dt, summary, button")]
    .filter(each => each.textContent.trim()).map(each => {
      const [a, b] = [light(parse(getComputedStyle(each).color)), light(ground(each))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    });
})()"""
