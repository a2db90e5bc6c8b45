"""How a command says that it cannot go on."""


class Failure(Exception):
    """Ends the command; the message is a sentence that says what is wrong and what to do."""
