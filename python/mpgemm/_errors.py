"""Exceptions of the package."""


class Error(RuntimeError):
    """Something that the runtime refused or that failed, with the runtime's message."""

    def __init__(self, message: str, status: str = ""):
        super().__init__(message)
        self.status = status
        """What kind of failure it is, as mpgemm_status_name says it: "invalid argument", "device error", ..."""


class CompileError(Error):
    """mpgemm-opt refused the input or could not be run; the message holds its diagnostics."""


class LibraryNotFound(Error):
    """A part of mpgemm that the package needs is not where it was looked for."""
