"""What every figure is measured against: a Flask application that reads one row and answers with 10 kB."""

import os

from flask import Flask
from sqlalchemy import create_engine, text

PAGE = "<!DOCTYPE html><title>Bare</title>" + "<p>A page of ten kilobytes that never changes.</p>\n" * 200

ONE_ROW = text("SELECT name FROM programme LIMIT 1")

engine = create_engine(os.environ["DATABASE_URL"], pool_size=8, max_overflow=2)

app = Flask("bare")


@app.get("/")
def page() -> str:
    with engine.connect() as connection:
        connection.scalar(ONE_ROW)
    return PAGE
