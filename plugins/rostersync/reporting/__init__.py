"""What a run says of itself: one line, Markdown for logs and notifications, tables for a terminal."""

from rostersync.reporting.markdown import markdown_report
from rostersync.reporting.summary import summary_line

__all__ = ["markdown_report", "summary_line"]
