import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import { z } from 'zod';
import { AnswerPieces } from './AnswerPieces';
import { refuse } from './refuse';
import { sendBody } from './sendBody';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const NO_ANSWER = 'The module did not answer; its log tells why.';

const headersSchema = z.array(z.tuple([z.string(), z.string()]));
const headSchema = z.object({
  /** HTTP's final ones: anything below would leave the caller waiting. */
  status: z.number().int().min(200).max(999),
  headers: headersSchema,
});
const endSchema = z.object({ trailers: headersSchema });
const failSchema = z.object({ message: z.string() });
const servedSchema = z.object({ outcome: z.enum(['answered', 'failed']) });

/**
 * How the guest's part in a request ended.
 *
 * @internal
 */
export type Outcome = 'answered' | 'failed' | 'ended';

interface Exchange {
  id: number;
  request: IncomingMessage;
  response: ServerResponse;
  stopBody: () => void;
  resolve: (outcome: Outcome) => void;
}

/**
 * Passes requests to a host process, one at a time, and its answers back, both
 * as streams: over pipes that the guest's thread reads and writes by itself.
 *
 * @internal
 */
export class RequestChannel {
  readonly #pipes: { answers: Duplex; bodies: Writable; control: Writable };
  #current: Exchange | undefined;
  #count = 0;
  #closed = false;

  /** @param pipes - `control` takes the ids of requests whose callers left. */
  constructor(pipes: { answers: Duplex; bodies: Writable; control: Writable }) {
    this.#pipes = pipes;
    const pieces = new AnswerPieces((letter, content) =>
      this.#take(letter, content),
    );
    const { answers, bodies } = pipes;
    answers.on('data', chunk => {
      pieces.read(chunk);
      this.#settle();
    });
    // Writing to a process that has just ended is answered by its end.
    answers.on('error', () => {});
    bodies.on('error', () => {});
  }

  /** Resolves when the guest is done, which may be long after its caller has left. */
  exchange(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Outcome> {
    return new Promise(resolve => {
      const id = ++this.#count;
      this.#current = { id, request, response, stopBody: () => {}, resolve };
      if (this.#closed) {
        this.close();
        return;
      }
      response.once('close', () => {
        if (!response.writableFinished && this.#current?.id === id) {
          this.#pipes.control.write(`${id}\n`);
          // Nobody waits for the rest of the answer.
          this.#pipes.answers.resume();
        }
      });
      const text = Buffer.from(
        JSON.stringify({
          id,
          method: request.method,
          path: request.url,
          authority: request.headers.host,
          rawHeaders: endToEnd(pairs(request.rawHeaders)).flat(),
          hasBody: hasBody(request),
        }),
      );
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      this.#pipes.answers.write(Buffer.concat([length, text]));
    });
  }

  /** The process has ended: so has what it was asked. */
  close(): void {
    this.#closed = true;
    if (this.#current && !this.#current.response.writableEnded) {
      refuse(this.#current.response, 502, NO_ANSWER);
    }
    this.#done('ended');
  }

  #take(letter: string, content: Buffer): void {
    const exchange = this.#current;
    if (!exchange) {
      return;
    }
    const { response } = exchange;
    if (letter === 's') {
      const served = servedSchema.safeParse(parseJson(content));
      this.#done(served.data?.outcome ?? 'failed');
    } else if (letter === 'o') {
      exchange.stopBody = sendBody(this.#pipes.bodies, exchange);
    } else if (!response.destroyed && !response.writableEnded) {
      try {
        this.#answer(response, letter, content);
      } catch {
        // No HTTP: what a guest that broke out of its host may send, or a status of 1xx.
        refuse(response, 502, NO_ANSWER);
      }
    }
  }

  #answer(response: ServerResponse, letter: string, content: Buffer): void {
    switch (letter) {
      case 'h': {
        const { status, headers } = headSchema.parse(parseJson(content));
        response.writeHead(status, endToEnd(headers).flat());
        break;
      }
      case 'b':
        response.write(content);
        break;
      case 'e': {
        const { trailers } = endSchema.parse(parseJson(content));
        if (trailers.length > 0) {
          response.addTrailers(trailers);
        }
        response.end();
        break;
      }
      case 'f':
        refuse(response, 502, failSchema.parse(parseJson(content)).message);
        break;
      default:
        response.destroy();
    }
  }

  /** After all that has come at once: a head goes out alone, and a slow caller is waited for. */
  #settle(): void {
    const response = this.#current?.response;
    if (!response?.headersSent || response.writableEnded) {
      return;
    }
    response.flushHeaders();
    if (response.writableNeedDrain && !response.destroyed) {
      const { answers } = this.#pipes;
      answers.pause();
      response.once('drain', () => answers.resume());
    }
  }

  #done(outcome: Outcome): void {
    const exchange = this.#current;
    this.#current = undefined;
    if (exchange) {
      exchange.stopBody();
      // What the guest did not want of it.
      exchange.request.resume();
      exchange.resolve(outcome);
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0
  );
}

function endToEnd(headers: [string, string][]): [string, string][] {
  return headers.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2],
    raw[index * 2 + 1],
  ]);
}

function parseJson(content: Buffer): unknown {
  return JSON.parse(content.toString());
}
