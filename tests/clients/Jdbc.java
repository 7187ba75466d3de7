// pgjdbc: every method of DatabaseMetaData, every type by every getter, parameters, portals, savepoints, cancelling. Arguments: port and
// database. Says what it sees, one line a fact, the same for any server that answers the same. What differs, and why, stands in DIFFERS and
// PLACELESS.

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowIdLifetime;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

public class Jdbc {
    interface Ask {
        Object ask() throws Exception;
    }

    static final List<String> TABLES = List.of("kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds");
    static String url;

    public static void main(String[] arguments) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/" + arguments[1];
        try (Connection connection = connect()) {
            metadata(connection);
            described(connection);
            values(connection);
            parameters(connection);
            portals(connection);
            errors(connection);
            savepoints(connection);
            cancelled(connection);
            copies(connection);
        }
        options();
    }

    static Connection connect(String... options) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "test");
        properties.setProperty("sslmode", "disable");
        for (int index = 0; index < options.length; index += 2) {
            properties.setProperty(options[index], options[index + 1]);
        }
        return DriverManager.getConnection(url, properties);
    }

    static void say(String topic, Object... facts) {
        StringBuilder line = new StringBuilder(topic).append(":");
        for (Object fact : facts) {
            line.append(" | ").append(show(fact).replace("\n", "\\n"));
        }
        System.out.println(line);
    }

    static String show(Object value) {
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        if (value instanceof Object[] items) {
            return Arrays.deepToString(items);
        }
        if (value instanceof Array array) {
            try {
                return array.getBaseTypeName() + show(array.getArray());
            } catch (SQLException error) {
                return failure(error);
            }
        }
        return String.valueOf(value) + (value == null ? "" : " " + value.getClass().getSimpleName());
    }

    static String failure(Throwable error) {
        String text = error.getClass().getSimpleName() + " ";
        if (error instanceof SQLException failed) {
            text += failed.getSQLState() + " ";
        }
        if (error instanceof PSQLException failed && failed.getServerErrorMessage() != null) {
            ServerErrorMessage message = failed.getServerErrorMessage();
            // Where a value is wrong, PostgreSQL may point to it.
            boolean isPlaced = failed.getSQLState().startsWith("42") && !PLACELESS.contains(message.getMessage());
            String place = isPlaced ? " at " + message.getPosition() : "";
            return text + message.getSeverity() + " " + message.getMessage() + place;
        }
        return text + error.getMessage();
    }

    static void attempt(String topic, Ask ask) {
        try {
            say(topic, ask.ask());
        } catch (Exception error) {
            say(topic, failure(error));
        }
    }

    // ---- metadata

    /** What the caller would be told by a whole answer, its columns and types too; in any order. */
    static void all(String topic, ResultSet rows, Set<String> hidden) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        List<String> names = new ArrayList<>();
        for (int index = 1; index <= columns.getColumnCount(); index++) {
            names.add(columns.getColumnLabel(index) + " " + columns.getColumnTypeName(index));
        }
        say(topic, names.toArray());
        List<String> lines = new ArrayList<>();
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int index = 1; index <= columns.getColumnCount(); index++) {
                line.append(" | ").append(hidden.contains(columns.getColumnLabel(index)) ? "" : rows.getString(index));
            }
            // PostgreSQL has a type for the rows of each table; a lake has none.
            if (!topic.matches("(getTypeInfo|getUDTs).*") || TABLES.stream().noneMatch(line.toString()::contains) && !line.toString().contains("events")) {
                lines.add(line.toString().replace("\n", "\\n"));
            }
        }
        Collections.sort(lines);
        lines.forEach(line -> System.out.println(topic + ":" + line));
        say(topic, lines.size() + " rows");
        rows.close();
    }

    /** The oids in the names of procedures are each server's own. */
    static final Set<String> HIDDEN = Set.of("SPECIFIC_NAME", "specific_name");
    /**
     * What differs in an answer. A lake's keys are declared and have no index on disk, so none has pages or entries; and PostgreSQL's
     * texts about its own functions are not there.
     */
    static final Map<String, Set<String>> DIFFERS =
        Map.of("getIndexInfo", Set.of("CARDINALITY", "PAGES"), "getFunctions", Set.of("SPECIFIC_NAME", "specific_name", "remarks"));
    /** Where PostgreSQL points to the operator and a lake to nothing. */
    static final Set<String> PLACELESS = Set.of("operator does not exist: text = integer");
    /** What tells the connection itself, the server's build, or every function there is. */
    static final Set<String> LEFT_OUT =
        Set.of("getURL", "getConnection", "getDatabaseProductVersion", "getDatabaseMinorVersion", "getFunctions", "getFunctionColumns",
            "getProcedures", "getProcedureColumns");

    static void metadata(Connection connection) throws Exception {
        DatabaseMetaData metadata = connection.getMetaData();
        List<Method> methods = new ArrayList<>(Arrays.asList(DatabaseMetaData.class.getMethods()));
        methods.sort(Comparator.comparing(Method::getName).thenComparing(Method::getParameterCount));
        for (Method method : methods) {
            if (LEFT_OUT.contains(method.getName())) {
                continue;
            }
            switch (method.getName()) {
                case "getColumns", "getColumnPrivileges", "getPseudoColumns" -> each(metadata, method, null, "shop", TABLES, "%");
                case "getTables" -> {
                    call(metadata, method, null, "shop", "%", null);
                    call(metadata, method, null, "sh%", "%order%", new String[] {"TABLE", "VIEW"});
                    call(metadata, method, null, "pg_catalog", "pg_cl%", new String[] {"SYSTEM TABLE"});
                }
                case "getTablePrivileges" -> call(metadata, method, null, "shop", "%");
                case "getPrimaryKeys", "getExportedKeys", "getImportedKeys", "getVersionColumns" -> each(metadata, method, null, "shop", TABLES);
                case "getBestRowIdentifier" -> each(metadata, method, null, "shop", TABLES, DatabaseMetaData.bestRowSession, true);
                case "getIndexInfo" -> each(metadata, method, null, "shop", TABLES, false, true);
                case "getCrossReference" -> call(metadata, method, null, "shop", "customers", null, "shop", "orders");
                case "getUDTs" -> call(metadata, method, null, "shop", "%", null);
                case "getAttributes" -> call(metadata, method, null, "shop", "%", "%");
                case "getSuperTypes", "getSuperTables" -> call(metadata, method, null, "shop", "%");
                case "getSchemas" -> {
                    if (method.getParameterCount() == 0) {
                        call(metadata, method);
                    } else {
                        call(metadata, method, null, "sh%");
                    }
                }
                default -> call(metadata, method, standard(method));
            }
        }
        Method functions = DatabaseMetaData.class.getMethod("getFunctions", String.class, String.class, String.class);
        call(metadata, functions, null, "shop", "%");
        call(metadata, functions, null, "pg_catalog", "lower");
        Method columns = DatabaseMetaData.class.getMethod("getFunctionColumns", String.class, String.class, String.class, String.class);
        call(metadata, columns, null, "pg_catalog", "date_trunc", "%");
        Method procedures = DatabaseMetaData.class.getMethod("getProcedures", String.class, String.class, String.class);
        call(metadata, procedures, null, "shop", "%");
        Method arguments = DatabaseMetaData.class.getMethod("getProcedureColumns", String.class, String.class, String.class, String.class);
        call(metadata, arguments, null, "shop", "%", "%");
    }

    static void each(DatabaseMetaData metadata, Method method, String catalog, String schema, List<String> tables, Object... more) {
        for (String table : tables) {
            List<Object> arguments = new ArrayList<>(Arrays.asList(catalog, schema, table));
            arguments.addAll(Arrays.asList(more));
            call(metadata, method, arguments.toArray());
        }
    }

    /** An argument of each type, for the questions that ask about nothing in particular. */
    static Object[] standard(Method method) {
        List<Object> arguments = new ArrayList<>();
        for (Class<?> type : method.getParameterTypes()) {
            if (type == int.class) {
                arguments.add(ResultSet.TYPE_FORWARD_ONLY);
            } else if (type == boolean.class) {
                arguments.add(true);
            } else if (type == Class.class) {
                arguments.add(PGConnection.class);
            } else {
                arguments.add(null);
            }
        }
        return arguments.toArray();
    }

    static void call(DatabaseMetaData metadata, Method method, Object... arguments) {
        String topic = method.getName() + (arguments.length == 0 ? "" : " " + Arrays.deepToString(arguments));
        try {
            Object answer = method.invoke(metadata, arguments);
            if (answer instanceof ResultSet rows) {
                all(topic, rows, DIFFERS.getOrDefault(method.getName(), HIDDEN));
            } else if (answer instanceof String || answer instanceof Boolean || answer instanceof Number || answer instanceof RowIdLifetime) {
                say(topic, answer);
            }
        } catch (InvocationTargetException error) {
            say(topic, failure(error.getCause()));
        } catch (Exception error) {
            say(topic, failure(error));
        }
    }

    /** What a row's description tells, with what pgjdbc looks up for it by table and column number. */
    static void described(Connection connection) throws Exception {
        for (String table : TABLES) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT *, 1 + 1 AS two FROM shop.\"" + table + "\" WHERE (0 = 1)")) {
                ResultSetMetaData columns = rows.getMetaData();
                for (int index = 1; index <= columns.getColumnCount(); index++) {
                    int column = index;
                    attempt("described " + table, () -> List.of(columns.getColumnLabel(column), columns.getColumnName(column),
                        columns.getColumnTypeName(column), columns.getColumnType(column), columns.getColumnClassName(column),
                        columns.getPrecision(column), columns.getScale(column), columns.getColumnDisplaySize(column),
                        columns.isNullable(column), columns.isSigned(column), columns.isAutoIncrement(column), columns.isCaseSensitive(column),
                        columns.isCurrency(column), columns.isSearchable(column), columns.getTableName(column), columns.getSchemaName(column)));
                }
            }
        }
    }

    // ---- values

    static final List<Class<?>> CLASSES = List.of(LocalDate.class, LocalTime.class, LocalDateTime.class, OffsetDateTime.class, UUID.class,
        BigDecimal.class, String.class, Integer.class, Long.class, Double.class, Boolean.class, java.sql.Date.class, java.sql.Timestamp.class);

    static void values(Connection connection) throws Exception {
        for (String table : TABLES) {
            String order = table.equals("orders") ? "1, 2" : "1";
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM shop.\"" + table + "\" ORDER BY " + order)) {
                // From the sixth run on the statement has a name, and some types come in binary.
                for (int run = 1; run <= 7; run++) {
                    String seen = rows(table, statement);
                    if (run == 1 || run == 7) {
                        System.out.print(seen);
                    }
                }
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM shop.kinds ORDER BY id")) {
            while (rows.next()) {
                for (int index = 1; index <= rows.getMetaData().getColumnCount(); index++) {
                    for (Class<?> type : CLASSES) {
                        int column = index;
                        attempt("as " + rows.getMetaData().getColumnLabel(index) + " " + type.getSimpleName(), () -> rows.getObject(column, type));
                    }
                }
            }
        }
    }

    static String rows(String table, PreparedStatement statement) throws SQLException {
        StringBuilder out = new StringBuilder();
        try (ResultSet rows = statement.executeQuery()) {
            int count = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                out.append("row ").append(table);
                for (int index = 1; index <= count; index++) {
                    out.append(" | ").append((show(rows.getObject(index)) + " = " + text(rows, index)).replace("\n", "\\n"));
                }
                out.append("\n");
            }
        }
        return out.toString();
    }

    /** As text; of bytes, which pgjdbc gives as text only while they are text, as hex. */
    static String text(ResultSet rows, int index) throws SQLException {
        byte[] bytes = rows.getMetaData().getColumnType(index) == java.sql.Types.BINARY ? rows.getBytes(index) : null;
        return bytes == null ? rows.getString(index) : java.util.HexFormat.of().formatHex(bytes);
    }

    static void parameters(Connection connection) throws Exception {
        Object[][] found = {
            {"whole", 70_000}, {"large", 7_000_000_000L}, {"small", (short) 7}, {"price", new BigDecimal("12.50")}, {"ratio", 0.1}, {"label", "a"},
            {"flag", true}, {"key", new UUID(0, 0)}, {"raw", new byte[] {'a'}}, {"day", LocalDate.of(2024, 2, 29)}, {"clock", LocalTime.NOON},
            {"moment", LocalDateTime.of(2024, 2, 29, 12, 30, 15, 123_456_000)}, {"instant", OffsetDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC)},
            {"day", java.sql.Date.valueOf("2024-02-29")}, {"moment", java.sql.Timestamp.valueOf("2024-02-29 12:30:15.123456")},
            {"instant", java.sql.Timestamp.valueOf("2000-01-01 00:00:00")}, {"clock", java.sql.Time.valueOf("12:00:00")},
            {"whole", 70_000L}, {"large", 0}, {"small", 7}, {"exact", 1.5},
        };
        for (Object[] pair : found) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT id FROM shop.kinds WHERE " + pair[0] + " = ? ORDER BY id")) {
                for (int run = 1; run <= 6; run++) {
                    int number = run;
                    statement.setObject(1, pair[1]);
                    if (run == 1 || run == 6) {
                        attempt("parameter " + pair[0] + " " + pair[1].getClass().getSimpleName() + " run " + number, () -> ids(statement));
                    } else {
                        ids(statement);
                    }
                }
                say("parameter " + pair[0], statement.getParameterMetaData().getParameterTypeName(1));
            }
        }
        attempt("= ANY", () -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT id FROM shop.kinds WHERE id = ANY (?) ORDER BY id")) {
                statement.setArray(1, connection.createArrayOf("int4", new Object[] {1, 3, 99}));
                return ids(statement);
            }
        });
        attempt("several", () -> {
            String sql = "SELECT order_id FROM shop.orders WHERE note LIKE ? AND amount BETWEEN ? AND ? AND placed >= ? ORDER BY 1 LIMIT ? OFFSET ?";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, "note 1%");
                statement.setInt(2, 1);
                statement.setBigDecimal(3, new BigDecimal("50.5"));
                statement.setTimestamp(4, java.sql.Timestamp.valueOf("2024-01-01 00:00:00"));
                statement.setInt(5, 3);
                statement.setLong(6, 1);
                return ids(statement);
            }
        });
        for (String text : new String[] {"1.50", "5", "-0.001", "3.141592653589793238462643383279", "12345678901234567890.123456789"}) {
            for (String sql : new String[] {"SELECT ?::numeric", "SELECT ?::numeric + 1", "SELECT round(?::numeric, 2)", "SELECT coalesce(?, 1.5)"}) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    for (int run = 1; run <= 6; run++) {
                        statement.setBigDecimal(1, new BigDecimal(text));
                        if (run == 1 || run == 6) {
                            attempt(sql + " " + text + " run " + run, () -> {
                                try (ResultSet rows = statement.executeQuery()) {
                                    rows.next();
                                    return rows.getBigDecimal(1).toPlainString() + " " + rows.getString(1);
                                }
                            });
                        } else {
                            statement.executeQuery().close();
                        }
                    }
                }
            }
        }
        attempt("NULL", () -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM shop.orders WHERE ?::text IS NULL OR note = ?")) {
                statement.setNull(1, java.sql.Types.VARCHAR);
                statement.setString(2, "x");
                return ids(statement);
            }
        });
    }

    static List<Long> ids(PreparedStatement statement) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    static void portals(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement one = connection.createStatement(); Statement other = connection.createStatement()) {
            one.setFetchSize(4_096);
            other.setFetchSize(1_000);
            ResultSet rows = one.executeQuery("SELECT number FROM shop.events ORDER BY number");
            ResultSet more = other.executeQuery("SELECT number FROM shop.events ORDER BY number DESC");
            long total = 0;
            while (rows.next() && more.next()) {
                total += rows.getLong(1) - more.getLong(1) / 2;
            }
            say("two portals", total);
            one.setMaxRows(10);
            rows = one.executeQuery("SELECT number FROM shop.events ORDER BY number");
            int seen = 0;
            while (rows.next()) {
                seen++;
            }
            say("at most ten", seen);
        }
        connection.commit();
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            ResultSet rows = statement.executeQuery("SELECT order_id, line FROM shop.orders ORDER BY 1, 2");
            say("scrolled", rows.last(), rows.getRow(), rows.absolute(7), rows.getLong(1), rows.relative(-3), rows.getLong(1), rows.first());
        }
        try (Statement statement = connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY,
                ResultSet.HOLD_CURSORS_OVER_COMMIT)) {
            boolean isQuery = statement.execute("SELECT 1; SELECT 2, 3; SET application_name TO 'x'; SELECT 4");
            do {
                if (isQuery) {
                    ResultSet rows = statement.getResultSet();
                    rows.next();
                    say("of several", rows.getString(1));
                } else {
                    say("of several", statement.getUpdateCount());
                }
                isQuery = statement.getMoreResults();
            } while (isQuery || statement.getUpdateCount() != -1);
        }
        attempt("batch", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.addBatch("SET application_name TO 'one'");
                statement.addBatch("SET application_name TO 'two'");
                return Arrays.toString(statement.executeBatch());
            }
        });
        say("valid", connection.isValid(5), connection.getClientInfo("ApplicationName"));
        attempt("type map", () -> connection.unwrap(PGConnection.class).getParameterStatus("server_encoding"));
    }

    // ---- what fails

    static void errors(Connection connection) throws Exception {
        String[] wrong = {"SELECT * FROM nothing", "SELECT nothing FROM orders", "SELEC 1", "SELECT 1/0", "SELECT 'x'::int", "SELECT nothing(1)",
            "SELECT * FROM orders WHERE note = 1", "SELECT count(*), country FROM customers"};
        for (String sql : wrong) {
            attempt(sql, () -> connection.createStatement().executeQuery(sql));
        }
        connection.setAutoCommit(false);
        attempt("inside", () -> connection.createStatement().executeQuery("SELECT * FROM nothing"));
        attempt("afterwards", () -> connection.createStatement().executeQuery("SELECT 1"));
        connection.rollback();
        connection.setAutoCommit(true);
    }

    static void savepoints(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        attempt("savepoints", () -> {
            Savepoint unnamed = connection.setSavepoint();
            Savepoint named = connection.setSavepoint("a \"name\"");
            attempt("inside", () -> connection.createStatement().executeQuery("SELECT * FROM nothing"));
            connection.rollback(named);
            connection.releaseSavepoint(unnamed);
            ResultSet rows = connection.createStatement().executeQuery("SELECT 'saved'");
            return rows.next() ? rows.getString(1) : "";
        });
        connection.rollback();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        ResultSet rows = connection.createStatement().executeQuery("SHOW transaction_isolation");
        rows.next();
        say("isolation", rows.getString(1), connection.getTransactionIsolation(), connection.isReadOnly());
        rows = connection.createStatement().executeQuery("SHOW transaction_read_only");
        rows.next();
        say("read only", rows.getString(1));
        connection.commit();
        connection.setReadOnly(false);
        connection.setAutoCommit(true);
    }

    static void cancelled(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            Thread other = new Thread(() -> {
                try {
                    Thread.sleep(300);
                    statement.cancel();
                } catch (Exception error) {
                    say("cancel", failure(error));
                }
            });
            other.start();
            attempt("cancelled", () -> statement.executeQuery("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"));
            other.join();
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            attempt("timeout", () -> statement.executeQuery("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"));
        }
        attempt("and then", () -> connection.createStatement().executeQuery("SELECT 1").next());
    }

    static void copies(Connection connection) throws Exception {
        attempt("copy", () -> {
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            long rows = connection.unwrap(PGConnection.class).getCopyAPI()
                .copyOut("COPY (SELECT * FROM shop.customers ORDER BY 1) TO STDOUT WITH (FORMAT csv, HEADER)", out);
            return rows + " " + out;
        });
        attempt("and then", () -> connection.createStatement().executeQuery("SELECT 1").next());
    }

    /** Ways to connect that tools choose. */
    static void options() throws Exception {
        String[][] ways = {
            {"autosave", "always"}, {"preferQueryMode", "simple"}, {"preferQueryMode", "extendedForPrepared"}, {"binaryTransfer", "true", "prepareThreshold", "-1"},
            {"currentSchema", "shop", "ApplicationName", "a <tool> [x]"}, {"readOnly", "true", "readOnlyMode", "always"}, {"options", "-c statement_timeout=5min"},
            {"stringtype", "unspecified"}, {"assumeMinServerVersion", "12"}, {"gssEncMode", "prefer"}, {"targetServerType", "primary"},
            {"defaultRowFetchSize", "100"}, {"reWriteBatchedInserts", "true"}, {"databaseMetadataCacheFields", "0"},
        };
        for (String[] way : ways) {
            attempt("connected with " + Arrays.toString(way), () -> {
                try (Connection connection = connect(way)) {
                    connection.setAutoCommit(false);
                    List<Object> seen = new ArrayList<>();
                    try (PreparedStatement statement = connection.prepareStatement("SELECT id, moment, words FROM shop.kinds WHERE id < ? ORDER BY id")) {
                        for (int run = 0; run < 6; run++) {
                            statement.setInt(1, 4);
                            seen.add(rows("kinds", statement).hashCode());
                        }
                    }
                    attempt("inside", () -> connection.createStatement().executeQuery("SELECT * FROM nothing"));
                    attempt("afterwards", () -> connection.createStatement().executeQuery("SELECT 1").next());
                    connection.rollback();
                    return seen;
                }
            });
        }
    }
}
