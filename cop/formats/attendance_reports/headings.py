"""What the headings of columns mean: by the words that services write, and for Microsoft Teams in several languages."""

import re
import unicodedata
from collections.abc import Sequence

Columns = dict[str, int]

# Each heading in small letters, without accents and punctuation; English ones, as Zoom, Eventbrite and people write.
WORDS = {
    "name": (
        "name|full name|fullname|display name|participant|participant name|attendee|attendee name|user name|"
        "name original name|user name original name|guest name|delegate|delegate name"
    ),
    "first": "first name|firstname|forename|given name",
    "last": "last name|lastname|surname|family name",
    "email": "email|e mail|email address|e mail address|mail|user email|attendee email|participant email|work email",
    "registration email": "registration email|registration e mail",
    "upn": "participant id upn|participantid|upn",
    "organisation": "organisation|organization|organisation name|organization name|company|council|employer",
    "joined": "join time|first join|time joined|joined|joined at|arrived|arrival time|time in|from",
    "left": "leave time|last leave|time left|left|left at|departed|departure time|time out|until",
    "duration": (
        "duration|in meeting duration|duration minutes|total duration minutes|time in session minutes|"
        "time in session|minutes|minutes attended|attendance minutes|attendance duration"
    ),
    "role": "role",
    "date": "date|event date|session date|date of session",
    "action": "user action|action",
    "at": "timestamp",
    "at utc": "utceventtimestamp|utc event timestamp",
    "attended": "attended|attendance|present|came|checked in",
    "status": "attendee status",
    "order": "order #|order no|order id|order number|order|order date",
    "ticket": "ticket type|ticket quantity|quantity|ticket name",
    "engagement": "engagement type",
    "registered": "registration time|registered at|registration date",
    "approval": "approval status|registration status",
    "waiting": "in waiting room",
    "zoom": (
        "name original name|user name original name|time in session minutes|total duration minutes|"
        "recording consent|recording disclaimer response|in waiting room"
    ),
    "topic": "topic",
    "started": "start time|actual start time",
    "ended": "end time",
    "length": "actual duration minutes",
    "host": "host|host email|user email",
}
MEANINGS: dict[str, list[str]] = {}
for _field, _words in WORDS.items():
    for _word in _words.split("|"):
        MEANINGS.setdefault(_word, []).append(_field)

# Beginnings of words in the headings of Microsoft Teams; the first line that fits a heading is what it means.
# English, German, French, Spanish, Italian, Dutch, Portuguese and Welsh.
STEMS = (
    ("upn", r"upn|participantid"),
    ("at utc", r"utc ?event"),
    ("registration email", r"(regist|inscri|anmeld|aanmeld|iscri|cofrest).*mail|mail.*(regist|inscri|iscri|cofrest)"),
    ("registered", r"regist|inscri|anmeld|aanmeld|iscri|cofrest"),
    ("email", r"e ?mail|courriel|adresse|correo|posta elettronica|e ?post|e ?bost"),
    ("engagement", r"engage|einbind|interakti|interacti|interacci|interazion|envolv|compromis|betrokken|ymgysyll"),
    ("action", r"action|aktion|accion|azion|acao|actie|gweithred"),
    ("at", r"timestamp|zeitstempel|horodatage|marca de tiempo|timbro|indicatore (di )?data|tijdstempel|carimbo|stamp"),
    ("duration", r"durat|dauer|duree|duracion|duur|duracao|hyd"),
    ("left", r"leav|left|verlass|verliess|austritt|depart|deconn|sorti|salida|abandon|uscit|usci|verlat|vertrek|saida"),
    ("left", r"gadael|gadaw"),
    ("joined", r"join|beitr|beigetr|teilnahme|conne[xc]|arriv|entr|union|unio|unirse|ingres|access?|incorpor|particip"),
    ("joined", r"partecip|deelname|deelgenomen|toetred|ymun"),
    ("role", r"rol|ruolo|funcao|funcion|papel|swydd"),
    ("first", r"first name|vorname|prenom|voornaam|cyntaf"),
    ("last", r"last name|surname|nachname|apellid|cognome|achternaam|sobrenome|apelido|cyfenw"),
    ("name", r"(full)?name|nom|naam|enw"),
)
# What role makes somebody an organiser, also in Finnish, Swedish and Hungarian; and what stands in brackets after the
# names of those from elsewhere.
ORGANISES = re.compile(r"organi|trefnyd|drefnyd|jarjest|arrang|szervez")
STRANGERS = re.compile(r"extern|guest|unverif|gast|invit|ospite|estern|convid|gwest|allanol|verifi|anonym")

TEAMS = [(field, re.compile(rf"\b(?:{stem})")) for field, stem in STEMS]
HINT = re.compile(
    r"name|mail|topic|particip|attend|delegate|upn|rol|rôl|ruolo|fun[cç]|papel|swydd|action|aktion|acci|azion|ação|actie|"
    r"gweithred",
    re.IGNORECASE,
)
MOST_CHARACTERS = 100
PEOPLE = frozenset({"name", "first", "last", "email", "registration email", "upn"})


def plain(text: str) -> str:
    """``Prénom (d’usage)`` as ``prenom d usage``."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[\w#]+", "".join(letter for letter in letters if not unicodedata.combining(letter))))


def columns_of(cells: Sequence[str]) -> Columns:
    """Where which field stands; of two columns that mean the same, the first one."""
    found: Columns = {}
    for column, cell in enumerate(cells):
        if len(cell) <= MOST_CHARACTERS:
            for field in MEANINGS.get(plain(cell), ()):
                found.setdefault(field, column)
    return _with_whole_names(found)


def teams_columns_of(cells: Sequence[str]) -> Columns:
    """The same for the headings of Microsoft Teams, in any of the languages known."""
    found: Columns = {}
    for column, cell in enumerate(cells):
        heading = plain(cell) if len(cell) <= MOST_CHARACTERS else ""
        field = next((field for field, stem in TEAMS if stem.search(heading)), None)
        if field is not None:
            found.setdefault(field, column)
    return _with_whole_names(found)


def is_heading(cells: Sequence[str], *, opens: bool) -> bool:
    """Whether a row names columns; in the first row of a file, one is enough."""
    if not may_be_heading(cells):
        return False
    fields = columns_of(cells)
    return bool((PEOPLE | {"topic"}) & fields.keys()) and len(set(fields.values())) > (0 if opens else 1)


def may_be_heading(cells: Sequence[str]) -> bool:
    """A quick look before the long one, since nearly all rows are none."""
    return any(HINT.search(cell) for cell in cells) and not any("@" in cell for cell in cells)


def _with_whole_names(found: Columns) -> Columns:
    """``Name`` beside a first name is the last one, and beside a last name the first."""
    if "name" in found and "first" in found and "last" not in found and found["name"] != found["first"]:
        found["last"] = found.pop("name")
    elif "name" in found and "last" in found and "first" not in found and found["name"] != found["last"]:
        found["first"] = found.pop("name")
    return found
