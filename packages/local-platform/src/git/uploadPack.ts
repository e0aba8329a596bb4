import { ObjectReader } from './ObjectReader';
import {
  encodePacket,
  encodeSideBand,
  FLUSH,
  PacketFormatError,
  PacketReader,
  packetText,
} from './packetLine';
import { listReferences } from './references';
import type { Repository } from './RepositoryStore';
import { selectObjects } from './selectObjects';

interface FetchRequest {
  wants: string[];
  capabilities: Set<string>;
  clientShallow: string[];
  depth?: number;
}

interface Negotiation {
  answer: Buffer[];
  common: string[];
  /** Whether the pack follows in this answer. */
  finished: boolean;
}

/**
 * Answers `POST git-upload-pack`: one round of a fetch or clone.
 *
 * https://git-scm.com/docs/gitprotocol-pack#_packfile_negotiation
 *
 * @internal
 */
export async function* uploadPack(
  repository: Repository,
  body: Buffer,
): AsyncGenerator<Buffer> {
  const reader = new PacketReader(body);
  const request = readRequest(reader);
  if (request.wants.length === 0) {
    return;
  }
  const objects = new ObjectReader(repository.gitdir);
  const references = await listReferences(objects);
  const offered = new Set(references.map(({ oid }) => oid));
  const foreign = request.wants.find(oid => !offered.has(oid));
  if (foreign) {
    yield encodePacket(`ERR upload-pack: not our ref ${foreign}`);
    return;
  }
  const lines = [...readHaves(reader)];
  const negotiation = await negotiate(objects, request, lines);
  const selected = await selectObjects(objects, {
    wants: request.wants,
    common: negotiation.common,
    clientShallow: request.clientShallow,
    depth: request.depth,
    tags: request.capabilities.has('include-tag')
      ? references.flatMap(({ oid, peeled }) =>
          peeled ? [{ oid, peeled }] : [],
        )
      : [],
  });
  if (request.depth !== undefined) {
    for (const oid of selected.shallow) {
      yield encodePacket(`shallow ${oid}`);
    }
    for (const oid of selected.unshallow) {
      yield encodePacket(`unshallow ${oid}`);
    }
    yield FLUSH;
  }
  if (lines.length === 0) {
    // A first request for a shallow fetch ends here: the client reads the borders and asks again.
    return;
  }
  yield* negotiation.answer;
  if (!negotiation.finished) {
    return;
  }
  const pack = await objects.pack(selected.oids);
  if (request.capabilities.has('side-band-64k')) {
    yield* encodeSideBand(1, pack);
    yield FLUSH;
  } else {
    yield Buffer.from(pack);
  }
}

function readRequest(reader: PacketReader): FetchRequest {
  const request: FetchRequest = {
    wants: [],
    capabilities: new Set(),
    clientShallow: [],
  };
  for (
    let packet = reader.next();
    packet?.type === 'data';
    packet = reader.next()
  ) {
    const [verb, value, ...rest] = packetText(packet.data).split(' ');
    switch (verb) {
      case 'want':
        if (request.wants.length === 0) {
          request.capabilities = new Set(rest);
        }
        request.wants.push(oidOf(value));
        break;
      case 'shallow':
        request.clientShallow.push(oidOf(value));
        break;
      case 'deepen':
        // Git writes 0 for "no limit".
        request.depth = Number(value) > 0 ? Number(value) : undefined;
        break;
      default:
        throw new PacketFormatError(`"${verb}" is not known before the haves`);
    }
  }
  return request;
}

type NegotiationLine =
  | { type: 'have'; oid: string }
  | { type: 'flush' }
  | { type: 'done' };

function* readHaves(reader: PacketReader): Generator<NegotiationLine> {
  for (
    let packet = reader.next();
    packet !== undefined;
    packet = reader.next()
  ) {
    if (packet.type === 'flush') {
      yield { type: 'flush' };
      continue;
    }
    const [verb, value] = packetText(packet.data).split(' ');
    if (verb === 'done') {
      yield { type: 'done' };
      return;
    }
    if (verb !== 'have') {
      throw new PacketFormatError(`"${verb}" is not known among the haves`);
    }
    yield { type: 'have', oid: oidOf(value) };
  }
}

async function negotiate(
  objects: ObjectReader,
  request: FetchRequest,
  lines: NegotiationLine[],
): Promise<Negotiation> {
  const detailed = request.capabilities.has('multi_ack_detailed');
  const answer: Buffer[] = [];
  const common: string[] = [];
  const say = (text: string) => answer.push(encodePacket(`${text}\n`));
  for (const line of lines) {
    switch (line.type) {
      case 'have':
        if (await objects.has(line.oid)) {
          common.push(line.oid);
          if (detailed) {
            say(`ACK ${line.oid} common`);
          } else if (common.length === 1) {
            say(`ACK ${line.oid}`);
          }
        }
        break;
      case 'flush': {
        const last = common.at(-1);
        // One common commit is enough for a correct answer, only not for the smallest.
        if (detailed && last) {
          say(`ACK ${last} ready`);
        }
        if (detailed || !last) {
          say('NAK');
        }
        if (detailed && last && request.capabilities.has('no-done')) {
          say(`ACK ${last}`);
          return { answer, common, finished: true };
        }
        break;
      }
      case 'done': {
        const last = common.at(-1);
        if (!last) {
          say('NAK');
        } else if (detailed) {
          say(`ACK ${last}`);
        }
        return { answer, common, finished: true };
      }
      default:
        throw new Error(
          `Unexpected line ${JSON.stringify(line satisfies never)}`,
        );
    }
  }
  return { answer, common, finished: false };
}

function oidOf(value: string | undefined): string {
  if (!value || !/^[0-9a-f]{40}$/.test(value)) {
    throw new PacketFormatError(`"${value}" is not an object id`);
  }
  return value;
}
