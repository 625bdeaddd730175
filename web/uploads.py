"""A donated file on its way in: counted as it comes, held where only the site can read it."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from collection.donating.store import room
from collection.importers.limits import LARGEST_FILE


class CountedUpload(FileUploadHandler):
    """Writes to a nameless file of its own; stops at the limit and notes it in `is_too_large`."""

    chunk_size = 1 << 20

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.is_too_large = False
        self._size = 0
        self.file: Any = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; its name is not looked at."""
        super().new_file(*args, **kwargs)
        self._size = 0
        self.file = tempfile.TemporaryFile(dir=room())  # noqa: SIM115  # Django closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, unless there are too many."""
        self._size += len(raw_data)
        if self._size > LARGEST_FILE:
            self.is_too_large = True
            raise StopUpload(connection_reset=True)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """The file from its beginning."""
        self.file.seek(0)
        return UploadedFile(file=self.file, name="donation", size=file_size)

    def upload_interrupted(self) -> None:
        """Let go of what came so far."""
        if self.file is not None:
            self.file.close()
