"""One account per role of the demo programme."""

ROLES = {
    "admin": "admin@demo.example",
    "facilitator": "facilitator@demo.example",
    "reviewer": "reviewer@demo.example",
    "evaluator": "evaluator@demo.example",
    "host": "host@demo.example",
    "alumna": "alumna@demo.example",
    "participant": "participant@demo.example",
    "applicant": "applicant@demo.example",
}

NAMES = {
    "admin": "Ada Secretariat",
    "facilitator": "Femi Facilitator",
    "reviewer": "Rhona Reviewer",
    "evaluator": "Eli Evaluator",
    "host": "Hana Host",
    "alumna": "Alma Alumna",
    "participant": "Pat Participant",
    "applicant": "Amal Applicant",
}
