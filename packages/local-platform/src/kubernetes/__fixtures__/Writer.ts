import { call, type Answer } from '../../testing/apiClient';

export const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';
/** Some forty writes of this size make the log long enough to be put into a snapshot. */
const WRITE_BYTES = 200_000;

export type Connection = Parameters<typeof call>[0];

export const wasmModule = (name: string, image: string) => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name, namespace: 'default' },
  spec: { image },
});

/** Writes one object over and over, and knows what it must be found as. */
export class Writer {
  ended: Promise<void> = Promise.resolve();
  private acknowledged?: Answer;
  /** What was sent without an answer; null for a removal. */
  private sent?: object | null;
  private count = 0;

  constructor(private readonly name: string) {}

  /** Goes on until the connection breaks or `wantsMore` says no. */
  writeUntil(
    connection: Connection,
    wantsMore: (acknowledgedVersion: number) => boolean,
  ): Promise<void> {
    const loop = async () => {
      for (;;) {
        let answer;
        try {
          answer = await this.writeOnce(connection);
        } catch {
          // Killed: what became of the write is seen after the next start.
          return;
        }
        if (answer.code >= 300) {
          throw new Error(`${this.name}: ${JSON.stringify(answer.body)}`);
        }
        const { kind, metadata } = answer.body;
        this.acknowledged = kind === 'Status' ? undefined : answer.body;
        this.sent = undefined;
        if (
          metadata.resourceVersion &&
          !wantsMore(Number(metadata.resourceVersion))
        ) {
          return;
        }
      }
    };
    this.ended = loop();
    return this.ended;
  }

  /** Found as it was acknowledged, or as it was sent; and as one of them from now on. */
  expectIn(items: Answer[]): void {
    const found = items.find(item => item.metadata.name === this.name);
    if (this.sent === null && !found) {
      this.acknowledged = undefined;
    } else if (this.sent && isSame(found?.spec, this.sent)) {
      this.acknowledged = found;
    } else {
      // eslint-disable-next-line jest/no-standalone-expect
      expect(found && withoutKind(found)).toEqual(
        this.acknowledged && withoutKind(this.acknowledged),
      );
    }
    this.sent = undefined;
  }

  private writeOnce(connection: Connection) {
    this.count += 1;
    const image = `example/${this.name}:${this.count}`;
    const spec = { image, args: [image.padEnd(WRITE_BYTES, '.')] };
    if (!this.acknowledged) {
      this.sent = spec;
      return call(connection, 'POST', MODULES, {
        body: { ...wasmModule(this.name, image), spec },
      });
    }
    if (this.count % 7 === 0) {
      this.sent = null;
      return call(connection, 'DELETE', `${MODULES}/${this.name}`);
    }
    this.sent = spec;
    return call(connection, 'PATCH', `${MODULES}/${this.name}`, {
      contentType: 'application/merge-patch+json',
      body: { spec },
    });
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Items of a list may name no kind. */
function withoutKind({ apiVersion: _version, kind: _kind, ...rest }: Answer) {
  return rest;
}
