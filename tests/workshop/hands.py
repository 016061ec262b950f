"""Hands of the workshop's tests: folders of photographs, other recipes, runs, what pages say."""

import dataclasses
import html
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner


def changed(recipe, **fine_tune):
    return dataclasses.replace(recipe, fine_tune=dataclasses.replace(recipe.fine_tune, **fine_tune))


def last_state(folder, epoch):
    with np.load(folder / f"epoch-{epoch:03d}.npz") as saved:
        return {name: saved[name] for name in saved}


def wait_for(path, process):
    until = time.monotonic() + 90
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


def folders(root, counts):
    """Make class folders of small pictures, of another colour each: {"a/b": how many}."""
    for kind, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            colour = (40 * kind % 256, 7 * number % 256, 99)
            Image.new("RGB", (12, 9), colour).save(root / name / f"{Path(name).name}{number}.png")
    return root


def plain_text(page):
    """Return what a person reads on a page, its diagrams left out."""
    text = re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", "")))
    return re.sub(r"\s+", " ", text).replace(" ,", ",").replace(" .", ".")


def evaluated(model, data, page):
    """Write the report of a model to the file `page` and return it."""
    from training.__main__ import app  # here: TensorFlow may not be wanted

    command = ["evaluate", str(model), "--data", str(data), "--out", str(page) + ".json"]
    result = CliRunner().invoke(app, [*command, "--html", str(page)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return page.read_text(encoding="utf-8")


def texts(svg):
    root = ET.fromstring(str(svg))
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
