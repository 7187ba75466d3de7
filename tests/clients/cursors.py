"""psycopg 3: cursors on the server, in text and in binary, held and scrolling, and transactions within transactions."""

import sys

import psycopg

QUERY = "SELECT g, 'row ' || g AS t FROM generate_series(1, 5000) g WHERE g > %s ORDER BY g"

with psycopg.connect(sys.argv[1]) as connection:
    for binary in (False, True):
        with connection.cursor("some cursor", binary=binary) as cursor:
            cursor.itersize = 700
            cursor.execute(QUERY, (10,))
            rows = list(cursor)
            assert rows[0] == (11, "row 11") and len(rows) == 4990, (binary, rows[0], len(rows))
    with connection.cursor("both ways", scrollable=True) as cursor:
        cursor.execute(QUERY, (0,))
        cursor.scroll(100)
        assert cursor.fetchone() == (101, "row 101")
        cursor.scroll(2, mode="absolute")
        assert cursor.fetchmany(2) == [(3, "row 3"), (4, "row 4")]
        cursor.scroll(-4)
        assert cursor.fetchone()[0] == 1
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute(QUERY, (4990,))
        connection.commit()
        assert [row[0] for row in cursor.fetchall()] == list(range(4991, 5001))
    with connection.transaction():
        for _ in range(3):
            try:
                with connection.transaction():
                    connection.execute("SELECT 1 / 0")
            except psycopg.errors.DivisionByZero:
                pass
        assert connection.execute("SELECT 7").fetchone() == (7,)
print("all right")
