#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the test of the guides lets pass, and what not."""
import unittest

from page import Page, PageError
from run_docs import matches


def blocks(text):
    return Page(text).blocks


class Matching(unittest.TestCase):
    def test_columns_may_be_wider(self):
        self.assertTrue(matches(["imsi  policy"], ["imsi      policy", ""]))

    def test_other_text_is_none(self):
        self.assertFalse(matches(["locked"], ["unlocked"]))
        self.assertFalse(matches(["locked"], []))

    def test_a_line_too_many_is_told(self):
        self.assertFalse(matches(["one"], ["one", "two"]))

    def test_wildcards(self):
        self.assertTrue(matches(["a ... z"], ["a b c z"]))
        self.assertTrue(matches(["...", "two", "..."], ["one", "two", "three", "four"]))
        self.assertTrue(matches(["...", "two"], ["two"]))
        self.assertFalse(matches(["...", "five", "..."], ["one", "two"]))


class Reading(unittest.TestCase):
    def test_commands_and_what_they_print(self):
        (block,) = blocks("```console\n$ a \\\n  b\n$ cat <<EOF\nx\nEOF\nx\n$ c <<<y\n```\n")
        self.assertEqual([(c.text, c.expected) for c in block.commands()],
                         [("a \\\n  b", []), ("cat <<EOF\nx\nEOF", ["x"]), ("c <<<y", [])])

    def test_a_reason_belongs_to_the_next_block_alone(self):
        first, second = blocks("<!-- not run: docker -->\n```sh\na\n```\n```sh\nb\n```\n")
        self.assertEqual((first.not_run, second.not_run), ("docker", ""))

    def test_what_would_go_untested_is_refused(self):
        for text in ("```\ncommand\n```\n", "text\n\n    command\n", "<!-- not run -->\n```sh\na\n```\n",
                     "<!-- not run: lost -->\ntext\n", "<!-- skip: me -->\n", "```console\ncommand\n```\n",
                     "```console\n$ cat <<EOF\n```\n", "```sh\na\n"):
            with self.subTest(text), self.assertRaises(PageError):
                for block in blocks(text):
                    block.commands()


if __name__ == "__main__":
    unittest.main()
