"""Everything that can go wrong, as one tree.

::

    NewsletterError             what, where, what to do (exit 1)
      UsageError                the command line is off (exit 2)
        ConfigError             config.toml is off
      IntakeError               one input is no article
        EmptyError              one document is whole, and shows nothing
        MediaError              one picture or file cannot be published
      FetchError                one address cannot be fetched
        GoneError               it says that it is gone for ever (410)
        BusyError               it says that we come too often (429, 503)
      StoreError                the database cannot be used
        NotFoundError           nothing in the store has that name
        AdoptionError           the database is a copy, or older than what was mailed from here
      TemplateError             a template breaks its contract
      AudienceError             an address or a subscription that cannot be
      DeliveryError             sending had to stop
        RouteError              the mail relay cannot be used
      ApprovalError             a draft waits for a person's approval
      PendingError              work is left and due later (exit 3)

``str(error)`` is the one line that people read. Edges turn ``exit_code`` into the exit of the process.
"""


class NewsletterError(Exception):
    """Something a person must know, in one line: what, where, what to do."""

    exit_code = 1


class UsageError(NewsletterError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ConfigError(UsageError):
    """A key of config.toml is unknown, missing or of the wrong kind."""


class IntakeError(NewsletterError):
    """An input is no article; the rest of the batch goes on."""


class EmptyError(IntakeError):
    """A document is what it should be and holds no article, as an agenda in summer."""


class MediaError(IntakeError):
    """A picture or file is not one that is published; the message goes on after its name, and its article goes on."""


class FetchError(NewsletterError):
    """An address could not be fetched, or must not be; the message names it without any password."""


class GoneError(FetchError):
    """The address says that what was there is gone and will not return."""


class BusyError(FetchError):
    """The server asks to come later: in so many ``seconds``, where it says."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoreError(NewsletterError):
    """The database is missing, locked, too new or refuses the change."""


class NotFoundError(StoreError):
    """No article, issue or subscriber is known under that name."""


class AdoptionError(StoreError):
    """The database is a copy, or older than what was mailed from here: a person says that it sends from now on."""


class TemplateError(NewsletterError):
    """A template names an unknown variable or breaks the contract of pieces."""


class AudienceError(NewsletterError):
    """An address cannot be mailed or a subscription cannot be made."""


class DeliveryError(NewsletterError):
    """Sending stopped with its books in order."""


class RouteError(DeliveryError):
    """The relay cannot be reached, or refuses everything from us."""


class ApprovalError(NewsletterError):
    """A draft is not approved as it stands now."""


class PendingError(NewsletterError):
    """Rows are open and will be due at a time that the message names."""

    exit_code = 3
