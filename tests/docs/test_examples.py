"""The pages show what really comes out: their examples are run in an empty folder, as a reader would run them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.docs_examples import DOCS, blocks_of, pages, printed, renewed, same

# What a page uses beside the built-in networks.
NEEDS = {
    "how-to/remote-data.md": ["upath"],
    "tutorials/text.md": ["tokenizers"],
    "tutorials/own-model.md": ["torch"],
    "tutorials/tune.md": ["torch"],
}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS)))
def test_examples_print_what_the_page_shows(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ["onnxruntime", "PIL", *NEEDS.get(page.relative_to(DOCS).as_posix(), [])]:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    wrong = [
        f"{page.name}:{block.start}: shown\n{block.text}\nprinted\n{out}"
        for block, out in printed(page)
        if not same(block.text, out)
    ]
    assert not wrong, "\n".join([*wrong, "python -m tools.docs_examples renews the pages"])


def test_every_tutorial_is_run() -> None:
    """A tutorial without an output would pass by showing nothing."""
    assert set((DOCS / "tutorials").glob("*.md")) <= set(pages())


def test_only_times_and_the_last_digit_may_differ() -> None:
    assert same("a 0.12 s  3.4 ms* 0.5263 96 %", "a   9.99 s 0.1 ms 0.5264 96 %\n")
    assert not same("0.5263", "0.5265")
    assert not same("0.5263", "0.526")
    assert not same("1 zoo:a\n2 zoo:b", "1 zoo:b\n2 zoo:a")
    assert not same("a -1.5", "a 1.5")
    assert not same("Take a.", "")


PAGE = """# Page

```toml title="a.toml"
x = 1
```

```sh
cat a.toml
```

```text title="Output"
x = 3
```

```python
y = 6 * 7
```

Then:

```python
print(y)
```

```text title="Output"
```

<!-- not run: it would fail -->

```sh
false
```
"""


def test_a_page_is_renewed_with_what_comes_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert renewed(page) == PAGE.replace("x = 3", "x = 1").replace('"Output"\n```', '"Output"\n42\n```')


def test_a_command_that_fails_is_told_with_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\necho oh >&2; exit 3\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"page\.md:1: exit code 3\noh"):
        list(printed(page))
    assert [block.language for block in blocks_of(page.read_text())] == ["sh"]
