// The same sums through pgjdbc. Arguments: url, and the fetch size (0 reads whole answers). Each query runs seven times, so that
// the last runs use a named statement and binary values, as pgjdbc does from the sixth on; the sums of the first and the last must agree.

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.TimeZone;
import java.util.zip.CRC32;

public class Sums {
    public static void main(String[] arguments) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        int fetch = Integer.parseInt(arguments[1]);
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            // A portal with a row limit is used only inside of a transaction.
            connection.setAutoCommit(fetch == 0);
            for (String line : Files.readAllLines(Path.of(arguments[2]))) {
                String[] parts = line.split("\t");
                try (PreparedStatement statement = connection.prepareStatement(parts[1])) {
                    statement.setFetchSize(fetch);
                    String first = sums(parts[0], statement);
                    String last = first;
                    int runs = parts[0].equals("products") ? 7 : 1;
                    for (int run = 1; run < runs; run++) {
                        last = sums(parts[0], statement);
                    }
                    if (!first.equals(last)) {
                        throw new IllegalStateException("text and binary differ:\n" + first + last);
                    }
                    System.out.print(first);
                }
            }
        }
    }

    private static String sums(String table, PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            ResultSetMetaData columns = rows.getMetaData();
            int count = columns.getColumnCount();
            long[] nulls = new long[count];
            long[] sums = new long[count];
            long total = 0;
            while (rows.next()) {
                total++;
                for (int index = 0; index < count; index++) {
                    String text = canonical(rows, index + 1, columns.getColumnTypeName(index + 1));
                    if (text == null) {
                        nulls[index]++;
                    } else {
                        CRC32 crc = new CRC32();
                        crc.update(text.getBytes(StandardCharsets.UTF_8));
                        sums[index] += crc.getValue();
                    }
                }
            }
            StringBuilder out = new StringBuilder(table + " rows " + total + "\n");
            for (int index = 0; index < count; index++) {
                out.append(table + " \"" + columns.getColumnLabel(index + 1) + "\" " + nulls[index] + " " + sums[index] + "\n");
            }
            return out.toString();
        }
    }

    private static String canonical(ResultSet rows, int index, String type) throws SQLException {
        String text = rows.getString(index);
        if (text == null) {
            return null;
        }
        switch (type) {
            case "bool":
                return rows.getBoolean(index) ? "t" : "f";
            case "float4":
                return String.format("%08x", Float.floatToRawIntBits(rows.getFloat(index)));
            case "float8":
                return String.format("%016x", Double.doubleToRawLongBits(rows.getDouble(index)));
            case "numeric":
                return rows.getBigDecimal(index).toPlainString();
            case "_text":
                Array array = rows.getArray(index);
                StringBuilder out = new StringBuilder("{");
                for (String item : (String[]) array.getArray()) {
                    out.append(out.length() > 1 ? "," : "").append(item == null ? "NULL" : item);
                }
                return out.append("}").toString();
            default:
                return text;
        }
    }
}
