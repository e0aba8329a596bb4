import type { LogLine } from '@wasi-functions/backstage-plugin-wasi-common';
import { readLogStream } from './readLogStream';

function streamOf(
  chunks: (string | Uint8Array)[],
  end: 'close' | 'open' = 'close',
) {
  let cancelled = false;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(
          typeof chunk === 'string' ? encoder.encode(chunk) : chunk,
        );
      }
      if (end === 'close') {
        controller.close();
      }
    },
    cancel() {
      cancelled = true;
    },
  });
  return { body, isCancelled: () => cancelled };
}

async function linesOf(...chunks: (string | Uint8Array)[]) {
  const lines: LogLine[] = [];
  await readLogStream(streamOf(chunks).body, one => lines.push(one));
  return lines;
}

describe('readLogStream', () => {
  it('reads lines wherever the network cuts them, and skips heartbeats', async () => {
    const bytes = new TextEncoder().encode('{"line":"grün"}\n');
    await expect(
      linesOf(
        '{"line":"a","at":"2026-11-01T10:00:00Z","sou',
        'rce":"runner"}\n\n\n',
        bytes.slice(0, 12),
        bytes.slice(12),
        '{"line":"last"}',
      ),
    ).resolves.toEqual([
      { line: 'a', at: '2026-11-01T10:00:00Z', source: 'runner' },
      { line: 'grün' },
      { line: 'last' },
    ]);
  });

  it('takes a source that it does not know for none', async () => {
    await expect(linesOf('{"line":"a","source":"sidecar"}\n')).resolves.toEqual(
      [{ line: 'a' }],
    );
  });

  it.each([
    { what: 'the page of a proxy', text: '<html>\n' },
    { what: 'another shape', text: '{"text":"a"}\n' },
    { what: 'a line without end', text: 'x'.repeat(300 * 1024) },
  ])('refuses $what, and lets the stream go', async ({ text }) => {
    const { body, isCancelled } = streamOf([text], 'open');
    await expect(readLogStream(body, () => {})).rejects.toMatchObject({
      code: 'BACKEND_UNEXPECTED',
    });
    expect(isCancelled()).toBe(true);
  });

  it('gives a stream up that is silent for longer than the heartbeat', async () => {
    const { body, isCancelled } = streamOf([], 'open');
    await expect(readLogStream(body, () => {}, 1)).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    });
    expect(isCancelled()).toBe(true);
  });
});
