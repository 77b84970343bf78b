"""The instrument book, by what it does: routing, holding and working orders, trading days."""

from actors.book.book import Book

__all__ = ["Book"]
