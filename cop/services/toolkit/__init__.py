"""The toolkit: resources and what stands in them, versions that are published, collections, and case studies."""

from cop.services.toolkit.case_studies import COLUMNS, Imported, import_case_studies
from cop.services.toolkit.collections import (
    add_to_collection,
    create_collection,
    delete_collection,
    edit_collection,
    move_up_in_collection,
    remove_from_collection,
)
from cop.services.toolkit.editing import About, create, edit
from cop.services.toolkit.items import (
    LOOK,
    MOST_ITEMS,
    add_file,
    add_link,
    add_words,
    edit_item,
    move_item_up,
    remove_item,
)
from cop.services.toolkit.publishing import begin_version, bring_back, drop_version, publish, withdraw

__all__ = [
    "COLUMNS",
    "LOOK",
    "MOST_ITEMS",
    "About",
    "Imported",
    "add_file",
    "add_link",
    "add_to_collection",
    "add_words",
    "begin_version",
    "bring_back",
    "create",
    "create_collection",
    "delete_collection",
    "drop_version",
    "edit",
    "edit_collection",
    "edit_item",
    "import_case_studies",
    "move_item_up",
    "move_up_in_collection",
    "publish",
    "remove_from_collection",
    "remove_item",
    "withdraw",
]
