// Runs one workload on one peer, in this process, and prints the seconds from the query to the closed result file.
//   node peer.mjs ENGINE REQUEST.json [ANSWER.json]     (ENGINE: duckdb, clickhouse, polars; packages from NODE_PATH)
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [engine, requestPath, answerPath] = process.argv.slice(2);
const request = JSON.parse(fs.readFileSync(requestPath, 'utf8'));
const require = createRequire(request.packages + '/');
const { query, output, threads, limit } = request;
let base = 0;

// What this process had in memory before the query.
function begin () {
  base = process.memoryUsage().rss;
  return process.hrtime.bigint();
}

async function duckdb () {
  const { DuckDBInstance } = require('@duckdb/node-api');
  const bounds = limit ? { memory_limit: `${limit / 1048576}MiB`, temp_directory: `${request.packages}/duckdb` } : {};
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), ...bounds });
  const connection = await instance.connect();
  await connection.run('select 1');
  const start = begin();
  await connection.run(`copy (${query}) to '${output}' (header, delimiter ',')`);
  return start;
}

async function clickhouse () {
  const { query: run } = require('chdb');
  run('select 1', 'CSV');
  const start = begin();
  const half = Math.floor(limit / 2);
  const bounds = limit ? `, max_memory_usage = ${limit}, max_bytes_before_external_group_by = ${half}, `
    + `max_bytes_before_external_sort = ${half}` : '';
  run(`${query} into outfile '${output}' truncate format CSVWithNames `
    + `settings max_threads = ${threads}${bounds}`, 'CSV');
  return start;
}

async function polars () {
  const pl = require('nodejs-polars');
  pl.DataFrame({ a: [1] });
  const start = begin();
  const frame = new Function('pl', `return ${query}`)(pl).collectSync();
  frame.writeCSV(output);
  return start;
}

const start = await { duckdb, clickhouse, polars }[engine]();
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const answer = JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS, base });
if (answerPath) fs.writeFileSync(answerPath, answer);
console.log(answer);
process.exit(0);
