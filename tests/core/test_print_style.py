"""What stays of a style sheet, and what doesn't; found by reading, never copied from the output."""

import pytest

from odoo.addons.credit_control.core.print_style import cut, read

PAGE = ['<html><body class="o_body_pdf container"><p class=\'late "quoted\'>x</p></body></html>']


def kept(css):
    return cut(css, PAGE)


@pytest.mark.parametrize(
    "css",
    [
        "p{margin: 0}",
        "*,::before{box-sizing: border-box}",
        ":root{--size: 2rem}",
        ".container{width: 100%}",
        "div > .container p:first-child{margin: 0}",
        "[class*='col-']{float: left}",
        "#logo{width: 1px}",
        ".late:not(.paid){color: red}",
        ".container:not(:has(.paid, .cancelled)){color: red}",
        # An escaped name isn't read: what it matches isn't known.
        r".w-1\/2{width: 50%}",
        "@font-face{font-family: Lato; src: url(/web/lato{1}.woff)}",
        "@page{margin: 0}",
        "@keyframes turn{0%{top: 0} 100%{top: 1px}}",
        '@import "other.css";',
    ],
)
def test_what_may_match_stays_as_it_is(css):
    assert kept(css) == css


@pytest.mark.parametrize(
    "css",
    [
        ".modal{top: 0}",
        ".container.modal{top: 0}",
        ".container .modal p{top: 0}",
        ".containers{top: 0}",
        ".o_body{top: 0}",
        "@media print{.modal{top: 0} .navbar{top: 0}}",
        "@media print{}",
        '@charset "utf-8";',
        "/* .container {} */",
    ],
)
def test_what_can_match_nothing_goes(css):
    assert kept(css) == ""


def test_each_selector_of_a_list_stands_for_itself():
    assert kept(".modal,.container , .navbar:is(.a,.b) p,p[title=','] {top: 0}") == ".container,p[title=',']{top: 0}"


def test_rules_of_a_condition_are_looked_at_one_by_one():
    css = "@media print{@supports (top: 0){.modal{top: 0} .late{top: 1px}}}.late{top: 2px}"
    assert kept(css) == "@media print{@supports (top: 0){.late{top: 1px}}}.late{top: 2px}"


def test_the_order_stays():
    assert (
        kept(".late{top: 1px}.modal{top: 0}p{top: 2px}.late{top: 3px}") == ".late{top: 1px}p{top: 2px}.late{top: 3px}"
    )


@pytest.mark.parametrize("inside", ["'}'", '"\\"}"', "url(data:a}b)", "/* } */ 0"])
def test_braces_in_texts_addresses_and_comments_are_none(inside):
    assert kept(f".modal{{content: {inside}}}p{{top: 0}}") == "p{top: 0}"


@pytest.mark.parametrize("css", ["p{top: 0", "p{top: 0}}", "p{top: 0} .modal"])
def test_what_is_broken_stays_whole(css):
    assert kept(css) == css


def test_it_is_read_once():
    assert read(".late{top: 4px}") is read(".late{top: 4px}")
