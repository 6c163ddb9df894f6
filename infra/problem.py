import click


class Problem(click.ClickException):
    """
    Something an operator can mend: a plain sentence, and the next step if there is one.

    The command line prints it without a traceback and ends with 1. Wrong usage
    is click's own `UsageError`, which ends with 2.
    """

    def __init__(self, message: str, next_step: str | None = None) -> None:
        super().__init__(message)
        self.next_step = next_step

    def format_message(self) -> str:
        return f"{self.message}\nNext step: {self.next_step}" if self.next_step else self.message


def next_command(words: str, stage: str) -> str:
    """What to type next, for the stage that was meant: a step without it would be one of the local stage."""
    return f"`earshot {words} --stage {stage}`"
