import { randomUUID } from 'node:crypto';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({
  uid: z.string(),
  port: z.number().int(),
  revision: z.number().int().default(0),
  /** What the revision was made of; another one makes a new revision. */
  revisionKey: z.string().optional(),
  /** Name of the revision's pod, by which its log is found. */
  pod: z.string().optional(),
  /** Set when the revision answered once: it need not prove that again after a restart. */
  digest: z.string().optional(),
});

/**
 * What the runner remembers of a module across restarts.
 *
 * @internal
 */
export type ModuleRecord = z.infer<typeof recordSchema>;

/**
 * The runner's memory: one small file for each module.
 *
 * @internal
 */
export class ModuleRecords {
  readonly #directory: string;
  readonly #records = new Map<string, ModuleRecord>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const file of await readdir(this.#directory)) {
      const [, namespace, name] = /^(.+)~(.+)\.json$/.exec(file) ?? [];
      if (name) {
        const text = await readFile(join(this.#directory, file), 'utf8');
        const record = recordSchema.safeParse(parse(text)).data;
        // A damaged record costs a new port and a new revision, nothing else.
        if (record) {
          this.#records.set(`${namespace}~${name}`, record);
        }
      }
    }
  }

  get(namespace: string, name: string): ModuleRecord | undefined {
    return this.#records.get(`${namespace}~${name}`);
  }

  names(): { namespace: string; name: string }[] {
    return [...this.#records.keys()].map(key => {
      const [namespace, name] = key.split('~');
      return { namespace, name };
    });
  }

  /** As `namespace/pod`. */
  pods(): Set<string> {
    return new Set(
      [...this.#records].flatMap(([key, { pod }]) =>
        pod ? [`${key.split('~')[0]}/${pod}`] : [],
      ),
    );
  }

  ports(): Set<number> {
    return new Set([...this.#records.values()].map(({ port }) => port));
  }

  async set(
    namespace: string,
    name: string,
    record: ModuleRecord,
  ): Promise<void> {
    this.#records.set(`${namespace}~${name}`, record);
    const path = this.#path(namespace, name);
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, JSON.stringify(record));
    await rename(draft, path);
  }

  async delete(namespace: string, name: string): Promise<void> {
    this.#records.delete(`${namespace}~${name}`);
    await rm(this.#path(namespace, name), { force: true });
  }

  #path(namespace: string, name: string): string {
    return join(this.#directory, `${namespace}~${name}.json`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses undefined.
    return undefined;
  }
}
