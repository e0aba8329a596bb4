// https://git-scm.com/docs/gitprotocol-common#_pkt_line_format

/** The packet that ends a section. @internal */
export const FLUSH = Buffer.from('0000');

const MAX_SIDE_BAND_DATA = 65515;

/** One packet: a line of text or a `flush`. @internal */
export type Packet = { type: 'data'; data: Buffer } | { type: 'flush' };

/**
 * Wraps a line of text or bytes as one packet.
 *
 * @internal
 */
export function encodePacket(content: string | Uint8Array): Buffer {
  const data = Buffer.from(content);
  return Buffer.concat([
    Buffer.from((data.length + 4).toString(16).padStart(4, '0')),
    data,
  ]);
}

/**
 * Cuts bytes into packets of one band (1 pack data, 2 progress, 3 fatal error).
 *
 * @internal
 */
export function* encodeSideBand(
  band: 1 | 2 | 3,
  content: Uint8Array,
): Generator<Buffer> {
  for (let start = 0; start < content.length; start += MAX_SIDE_BAND_DATA) {
    yield encodePacket(
      Buffer.concat([
        Buffer.from([band]),
        content.subarray(start, start + MAX_SIDE_BAND_DATA),
      ]),
    );
  }
}

/** A request body that does not follow the packet format. @internal */
export class PacketFormatError extends Error {}

/**
 * Reads packets off the front of a request body; `rest` is what follows them,
 * such as a pack.
 *
 * @internal
 */
export class PacketReader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  /** The next packet, or undefined at the end of the body. */
  next(): Packet | undefined {
    if (this.position === this.bytes.length) {
      return undefined;
    }
    const header = this.bytes
      .subarray(this.position, this.position + 4)
      .toString('latin1');
    if (!/^[0-9a-fA-F]{4}$/.test(header)) {
      throw new PacketFormatError('a packet does not start with its length');
    }
    const length = parseInt(header, 16);
    if (length === 0) {
      this.position += 4;
      return { type: 'flush' };
    }
    if (length < 4 || this.position + length > this.bytes.length) {
      throw new PacketFormatError('a packet is shorter than its length says');
    }
    const data = this.bytes.subarray(this.position + 4, this.position + length);
    this.position += length;
    return { type: 'data', data };
  }

  /** All bytes after the packets read so far. */
  rest(): Buffer {
    return this.bytes.subarray(this.position);
  }
}

/** The text of a packet without its line end. @internal */
export function packetText(data: Buffer): string {
  return data.toString('utf8').replace(/\n$/, '');
}
