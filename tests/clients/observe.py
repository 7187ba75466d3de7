"""How scripts say what a client saw: one line a fact, the same for any server that answers the same.

A script is given the port of a server on this machine and a database's name, and says everything that it sees there.
Its lines for the one twin are compared with its lines for the other.
"""

import sys

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]
DSN = f"host=127.0.0.1 port={PORT} user=test dbname={DATABASE}"


def say(topic, *facts):
    """One line of what was seen."""
    line = f"{topic}: " + " | ".join(fact if isinstance(fact, str) else repr(fact) for fact in facts)
    print(line.replace("\n", "\\n"))


def say_all(topic, rows):
    """Each row on a line of its own, then how many there were."""
    count = 0
    for count, row in enumerate(rows, 1):
        say(topic, *row)
    say(topic, f"{count} rows")


def failure(error):
    """The class, the SQLSTATE and the first line of an error."""
    code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    return f"{type(error).__name__} {code} {str(error).strip().partition(chr(10))[0]}"


def attempt(topic, run):
    """What `run` returns, said under this topic; or its error, so that the script goes on."""
    try:
        answer = run()
    except Exception as error:  # Whatever a driver throws is what is compared.
        say(topic, failure(error))
        return
    if isinstance(answer, list):
        say_all(topic, answer)
    else:
        say(topic, answer)
