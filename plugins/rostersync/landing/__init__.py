"""From a district's upload to a landing: listing, completeness, download."""

from rostersync.landing.completeness import (
    Assessment,
    Snapshot,
    Strangers,
    UploadedFile,
    expected_files,
    files_off,
    last_files,
    other_names,
    quiet_seconds,
)
from rostersync.landing.download import land_from_folder, land_from_server, names_not_taken
from rostersync.landing.listing import Listing, RemoteFile, printable_name
from rostersync.landing.outbox import MARKERS, deliver_report, outbox_name
from rostersync.landing.sftp import SftpAccount, connect, list_upload
from rostersync.landing.source import Source
from rostersync.landing.wait_plan import LandedFile, WaitPlan

__all__ = [
    "MARKERS",
    "Assessment",
    "LandedFile",
    "Listing",
    "RemoteFile",
    "SftpAccount",
    "Snapshot",
    "Source",
    "Strangers",
    "UploadedFile",
    "WaitPlan",
    "connect",
    "deliver_report",
    "expected_files",
    "files_off",
    "land_from_folder",
    "land_from_server",
    "last_files",
    "list_upload",
    "names_not_taken",
    "other_names",
    "outbox_name",
    "printable_name",
    "quiet_seconds",
]
