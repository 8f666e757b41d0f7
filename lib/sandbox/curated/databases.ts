import { basis, type CuratedRun, script, source } from "./build.ts";

const lite = source(
  "embedded-db-notes.example/sqlite/when-to-use",
  "SQLite: appropriate uses",
  "One writer at a time, any number of readers; a single file of up to many terabytes.",
);
const wal = source(
  "embedded-db-notes.example/sqlite/wal",
  "SQLite: write-ahead logging",
  "Readers do not block the writer, and the writer does not block readers.",
);
const duck = source(
  "analytics-digest.example/duckdb/concurrency",
  "DuckDB: concurrency",
  "Within one process many threads may write; across processes only one may open for writing.",
);
const duckFiles = source(
  "analytics-digest.example/duckdb/storage",
  "DuckDB: storage format",
  "Columns are compressed apart, which makes scans fast and single-row updates dear.",
);
const rocks = source(
  "storage-engines.example/rocksdb/overview",
  "RocksDB: overview",
  "A log-structured store of keys and values for fast storage, tuned for high write rates.",
);
const rocksTuning = source(
  "storage-engines.example/rocksdb/tuning",
  "RocksDB: tuning guide",
  "The number of options is large; memory and compaction need attention on small machines.",
);
const survey = source(
  "desktop-developers.example/survey/local-storage",
  "survey of local storage in desktop applications",
  "Most of the applications asked keep user data in a relational file.",
);

const entry = (
  name: string,
  data_model: string,
  license: string,
  first_release: number,
  concurrency: { many_readers: boolean; many_writers: boolean; note: string },
  strengths: string[],
  weaknesses: string[],
) => ({ name, data_model, license, first_release, concurrency, strengths, weaknesses });

/** The comparison in nested JSON. */
export const databases: CuratedRun = {
  script: script([
    "Fix the criteria first: data model, licence, concurrency, fit for a desktop machine.",
    "Read each project's own documents, then one independent source for all three.",
  ], [
    {
      objective: "find how SQLite handles readers and writers",
      queries: [
        "SQLite concurrency single writer WAL",
        "SQLite appropriate uses desktop application",
      ],
      reads: [lite, wal],
      finding: "SQLite takes one writer at a time; with a write-ahead log readers go on meanwhile.",
      thought: "For one user at one machine, one writer is rarely a limit.",
    },
    {
      objective: "find what DuckDB is made for and where it is weak",
      queries: ["DuckDB concurrency processes", "DuckDB storage format single-row updates"],
      reads: [duck, duckFiles],
      finding: "DuckDB is strong at scans over columns; many small updates cost more.",
    },
    {
      objective: "find what running RocksDB in a desktop application takes",
      queries: ["RocksDB overview key-value", "RocksDB tuning memory compaction"],
      reads: [rocks, rocksTuning],
      finding: "RocksDB leaves queries and schema to the application, and wants tuning.",
      thought: "Its write rate is of no use to data that people type.",
    },
    {
      objective: "find independent evidence of what desktop applications use",
      queries: ["survey local storage desktop applications database"],
      reads: [survey],
      finding: "An independent survey sees relational files in front.",
    },
  ]),
  output: {
    type: "json",
    content: {
      summary:
        "Simulated by the Taskstream sandbox: SQLite fits best, for user data is small, relational " +
        "and changed row by row. DuckDB is the better tool beside it where the application analyses its " +
        "data. RocksDB pays only where write rates are far above what a person causes.",
      databases: [
        entry(
          "SQLite",
          "relational",
          "public domain",
          2000,
          {
            many_readers: true,
            many_writers: false,
            note: "One writer at a time; readers go on with a write-ahead log",
          },
          ["One file, easy to copy and back up", "Full SQL with transactions"],
          [
            "Slow scans over wide tables",
          ],
        ),
        entry(
          "DuckDB",
          "columnar",
          "MIT",
          2019,
          {
            many_readers: true,
            many_writers: false,
            note: "Threads of one process may write together; other processes may not",
          },
          ["Fast analysis", "Reads CSV and Parquet files in place"],
          ["Dear single-row updates"],
        ),
        entry(
          "RocksDB",
          "key-value",
          "Apache 2.0 or GPL 2.0",
          2013,
          {
            many_readers: true,
            many_writers: true,
            note: "Many threads of one process; one process at a time",
          },
          ["Very high write rates", "Good compression on disk"],
          [
            "No query language",
            "Many options to tune",
          ],
        ),
      ],
      recommendation: {
        choice: "SQLite",
        because: "It fits the data, the machine and one person's use, and asks for no tuning",
        unless: "The application is chiefly about analysing its data: then DuckDB, or both",
      },
    },
    basis: [
      basis("summary", "high", "it follows from the entries below.", lite, duck, rocks),
      basis(
        "databases",
        "high",
        "each entry rests on the project's own documents.",
        lite,
        duck,
        rocks,
      ),
      basis("databases.0", "high", "two documents describe readers and writers alike.", lite, wal),
      basis(
        "databases.1",
        "high",
        "concurrency and storage have a document each.",
        duck,
        duckFiles,
      ),
      basis("databases.2", "medium", "the licence is named on one page only.", rocks, rocksTuning),
      basis(
        "recommendation",
        "medium",
        "the survey supports it, but its sample is small.",
        survey,
        lite,
      ),
    ],
  },
};
