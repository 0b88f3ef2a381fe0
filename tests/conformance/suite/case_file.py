"""Reads YAML as JSON has it: texts are what is not plainly a number, true, false or null. (YAML 1.1
sees times, dates and sixties in much else.)"""

import re

import yaml


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """SafeLoader with the scalars of JSON, and 0x1F."""
    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"{', '.join(twice)} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep)


for tag, pattern, first in (
        ("bool", r"true|false", "tf"), ("null", r"null|~|", ["n", "~", ""]),
        ("int", r"-?(0|[1-9][0-9]*)|0x[0-9A-Fa-f]+", "-0123456789"),
        ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", "-0123456789")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"),
                                 list(first))


def read(path):
    with open(path, encoding="utf-8") as file:
        try:
            return yaml.load(file, Loader)
        except yaml.YAMLError as error:
            raise SystemExit(f"{path}: {error}") from None
