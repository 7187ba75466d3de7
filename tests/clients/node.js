// node-postgres: every type, parameters, cursors, streams, pool, errors, cancelling. Arguments: port and database.
// Packages are found by NODE_PATH.

const { Client, Pool } = require("pg");
const Cursor = require("pg-cursor");
const QueryStream = require("pg-query-stream");

const [port, database] = process.argv.slice(2);
const where = { host: "127.0.0.1", port: Number(port), user: "test", database };
const TABLES = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"];

const shown = (value) =>
  JSON.stringify(value, (key, item) =>
    typeof item === "bigint" ? item.toString() : Number.isNaN(item) || Math.abs(item) === Infinity ? String(item) : item);
const say = (topic, ...facts) => console.log(`${topic}: ${facts.map(shown).join(" | ")}`);

async function attempt(topic, run) {
  try {
    say(topic, await run());
  } catch (error) {
    say(topic, error.constructor.name, error.code, error.message, error.severity, error.position);
  }
}

async function values(client) {
  for (const table of TABLES) {
    for (const binary of [false, true]) {
      // node-postgres reads some types in binary only; the others come as bytes and are compared as such.
      const result = await client.query({ text: `SELECT * FROM shop."${table}"`, rowMode: "array", binary });
      for (const field of result.fields) say(`described ${table}`, field.name, field.dataTypeID, field.dataTypeSize, field.dataTypeModifier, field.format);
      for (const row of result.rows.map(shown).sort()) console.log(`rows ${table} ${binary}: ${row}`);
      say(`rows ${table}`, result.command, result.rowCount);
    }
  }
}

async function parameters(client) {
  const found = { whole: 70000, large: "7000000000", price: "12.50", ratio: 0.1, label: "a", flag: true, small: 7, day: "2024-02-29", exact: 1.5,
    moment: new Date(Date.UTC(2024, 1, 29, 12, 30, 15, 123)), instant: new Date(Date.UTC(2000, 0, 1)), clock: "12:00",
    key: "00000000-0000-0000-0000-000000000000", raw: Buffer.from("a"), words: [" "], wholes: [0] };
  for (const [column, value] of Object.entries(found)) {
    await attempt(`parameter ${column}`, async () => (await client.query(`SELECT id FROM kinds WHERE ${column} = $1 ORDER BY id`, [value])).rows);
  }
  for (const [text, given] of [
    ["SELECT id FROM kinds WHERE id = ANY($1) ORDER BY id", [[1, 3]]],
    ["SELECT name FROM customers WHERE country = ANY($1::text[]) ORDER BY 1 LIMIT $2 OFFSET $3", [["BR", "JP"], 3, 1]],
    ["SELECT order_id FROM orders WHERE note LIKE $1 AND amount BETWEEN $2 AND $3 ORDER BY 1, line", ["note 1_", 1, "50.5"]],
    ["SELECT $1::int + 1 AS a, $2 || 'x' AS b, coalesce($3, 5) AS c, $4::jsonb AS d", [1, "a", null, { a: [1] }]],
    ["SELECT count(*) FROM orders WHERE placed >= $1 AND placed < $2", [new Date(Date.UTC(2024, 0, 1)), "2024-01-02T00:00:00Z"]],
    ["SELECT $1", ["unknown"]],
  ]) await attempt(text, async () => (await client.query(text, given)).rows);
  for (let run = 0; run < 3; run++) {
    const prepared = { name: "by customer", text: "SELECT count(*) FROM orders WHERE customer_id = $1", values: [run] };
    await attempt("prepared", async () => (await client.query(prepared)).rows);
  }
  await attempt("bad value", () => client.query("SELECT id FROM kinds WHERE whole = $1", ["many"]));
}

async function cursors(client) {
  const cursor = client.query(new Cursor("SELECT number FROM events WHERE number >= $1 ORDER BY number", [10], { rowMode: "array" }));
  say("first", await cursor.read(3));
  let [total, rows] = [0, []];
  while ((rows = await cursor.read(4000)).length > 0) for (const [number] of rows) total += Number(number);
  say("rest", total);
  await cursor.close();
  const left = client.query(new Cursor("SELECT number FROM events ORDER BY number"));
  say("left", await left.read(2));
  await left.close();
  say("after it", (await client.query("SELECT 1 AS one")).rows);
  let seen = 0;
  for await (const row of client.query(new QueryStream("SELECT number, payload FROM events", [], { batchSize: 500 }))) seen += Number(row.number);
  say("streamed", seen);
  const wrong = client.query(new Cursor("SELECT 1 / (number - 5000) FROM events ORDER BY number"));
  await attempt("an error in its middle", () => wrong.read(10000));
  say("after that", (await client.query("SELECT 1 AS one")).rows);
}

async function errors(client) {
  for (const text of ["SELECT * FROM nothing", "SELECT nothing FROM orders", "SELEC 1", "SELECT 1/0"]) await attempt(text, () => client.query(text));
  await client.query("BEGIN");
  await attempt("inside", () => client.query("SELECT * FROM nothing WHERE 1 = $1", [1]));
  await attempt("afterwards", () => client.query("SELECT 1"));
  await client.query("ROLLBACK");
  await client.query("BEGIN; SAVEPOINT one");
  await attempt("inside", () => client.query("SELECT * FROM nothing"));
  await attempt("saved", () => client.query("ROLLBACK TO one").then((result) => result.command));
  await attempt("committed", () => client.query("COMMIT").then((result) => result.command));
  const two = await client.query("SELECT 1 AS a; SELECT 2 AS b, 3 AS c");
  say("two", two.map((result) => result.rows));
  say("nothing", (await client.query("")).rows ?? null);
}

async function settings() {
  const client = new Client({ ...where, statement_timeout: 300, application_name: "node's", options: "-c search_path=shop", client_encoding: "UTF8" });
  await client.connect();
  for (const name of ["statement_timeout", "application_name", "search_path", "client_encoding"]) {
    say(name, (await client.query(`SHOW ${name}`)).rows);
  }
  await attempt("timeout", () => client.query("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"));
  await client.end();
}

async function pooled() {
  const pool = new Pool({ ...where, max: 3, query_timeout: 30000 });
  const counts = await Promise.all([...Array(9).keys()].map((number) => pool.query("SELECT count(*) + $1 AS n FROM orders", [number])));
  say("pooled", counts.map((result) => result.rows[0].n));
  await pool.end();
}

async function main() {
  process.env.TZ = "UTC";
  const client = new Client(where);
  await client.connect();
  for (const topic of [values, parameters, cursors, errors]) {
    try {
      await topic(client);
    } catch (error) {
      say(topic.name, error.constructor.name, error.code, error.message);
      await client.query("ROLLBACK");
    }
  }
  await client.end();
  await settings();
  await pooled();
}

main();
