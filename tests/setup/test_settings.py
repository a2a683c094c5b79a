"""Settings say their units: the web client leaves out what stands in a ``<setting>`` outside of any element."""

from pathlib import Path
from xml.etree import ElementTree

import addons
import pytest

REPO = Path(__file__).resolve().parents[2]
VIEWS = sorted(path for addon in addons.find(REPO) for path in addon.glob("views/*settings*.xml"))


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_no_word_stands_bare_in_a_setting(path):
    settings = list(ElementTree.parse(path).iter("setting"))
    texts = [text for setting in settings for text in (setting.text, *(child.tail for child in setting))]
    assert not [text.strip() for text in texts if text and text.strip()]
