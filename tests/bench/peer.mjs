// Runs one workload on one peer, in this process, and prints the seconds from the query to the closed result file.
//   node peer.mjs ENGINE REQUEST.json      (ENGINE: duckdb, clickhouse, polars; packages from NODE_PATH)
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [engine, requestPath] = process.argv.slice(2);
const request = JSON.parse(fs.readFileSync(requestPath, 'utf8'));
const require = createRequire(request.packages + '/');
const { query, output, threads } = request;

async function duckdb () {
  const { DuckDBInstance } = require('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  await connection.run('select 1');
  const start = process.hrtime.bigint();
  await connection.run(`copy (${query}) to '${output}' (header, delimiter ',')`);
  return start;
}

async function clickhouse () {
  const { query: run } = require('chdb');
  run('select 1', 'CSV');
  const start = process.hrtime.bigint();
  run(`${query} into outfile '${output}' truncate format CSVWithNames settings max_threads = ${threads}`, 'CSV');
  return start;
}

async function polars () {
  const pl = require('nodejs-polars');
  pl.DataFrame({ a: [1] });
  const start = process.hrtime.bigint();
  const frame = new Function('pl', `return ${query}`)(pl).collectSync();
  frame.writeCSV(output);
  return start;
}

const start = await { duckdb, clickhouse, polars }[engine]();
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS }));
process.exit(0);
