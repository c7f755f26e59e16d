"""The command line: parse, call the pipeline, show. No rules and no SQL."""


def main() -> None:
    """Run the command line."""
