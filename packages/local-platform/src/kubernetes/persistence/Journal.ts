import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesObject } from '../ObjectStore';

/** One change as it is kept on disk. */
export interface JournalRecord {
  version: number;
  /** Absent: the object was removed. */
  object?: KubernetesObject;
  resource: string;
  namespace: string;
  name: string;
}

/** Everything that existed at one version. */
export interface Snapshot {
  version: number;
  records: JournalRecord[];
}

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
const recordSchema = z.object({
  version: z.number().int(),
  resource: z.string(),
  namespace: z.string(),
  name: z.string(),
  object: objectSchema.optional(),
});
const snapshotSchema = z.object({
  version: z.number().int(),
  records: z.array(recordSchema),
});

/**
 * Objects on disk: a snapshot, and a line of JSON for every change since.
 *
 * A change is with the operating system before it is answered, so that a
 * killed process loses nothing; a line that was cut off by it is dropped.
 * Files hold secrets, therefore only their owner may read them.
 */
export class Journal {
  private readonly snapshotPath: string;
  private readonly logPath: string;
  private readonly log: number;
  private length: number;

  private constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.snapshotPath = join(directory, 'objects.json');
    this.logPath = join(directory, 'changes.jsonl');
    this.log = openSync(this.logPath, 'a+', 0o600);
    this.length = fstatSync(this.log).size;
  }

  /** Opens the folder and reads what an earlier process left there. */
  static open(directory: string): {
    journal: Journal;
    snapshot: Snapshot;
    records: JournalRecord[];
  } {
    const journal = new Journal(directory);
    try {
      const snapshot = journal.readSnapshot();
      // Records up to the snapshot remain where the process died between
      // replacing the snapshot and emptying the log.
      const records = journal
        .readRecords()
        .filter(record => record.version > snapshot.version);
      return { journal, snapshot, records };
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  /** Bytes of changes since the last snapshot. */
  get size(): number {
    return this.length;
  }

  append(record: JournalRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      for (let written = 0; written < line.length; ) {
        written += writeSync(this.log, line, written);
      }
    } catch (error) {
      // A full disk must not leave half a line for the next record to follow.
      ftruncateSync(this.log, this.length);
      throw error;
    }
    this.length += line.length;
  }

  compact(snapshot: Snapshot): void {
    const partial = `${this.snapshotPath}.partial`;
    const file = openSync(partial, 'w', 0o600);
    try {
      writeFileSync(file, JSON.stringify(snapshot));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, this.snapshotPath);
    ftruncateSync(this.log, 0);
    this.length = 0;
  }

  close(): void {
    closeSync(this.log);
  }

  private readSnapshot(): Snapshot {
    if (!existsSync(this.snapshotPath)) {
      return { version: 0, records: [] };
    }
    const text = readFileSync(this.snapshotPath, 'utf8');
    return parse(text, snapshotSchema, this.snapshotPath) as Snapshot;
  }

  private readRecords(): JournalRecord[] {
    const bytes = readFileSync(this.logPath);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) {
      ftruncateSync(this.log, end);
      this.length = end;
    }
    return bytes
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(
        (line, index) =>
          parse(
            line,
            recordSchema,
            `${this.logPath}:${index + 1}`,
          ) as JournalRecord,
      );
  }
}

function parse<T>(text: string, schema: z.ZodType<T>, where: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new WasiError('LOCAL_STATE_DAMAGED', {
      message: `The local Kubernetes API cannot read ${where}: it is not what was written there.`,
      cause: error,
    });
  }
}
