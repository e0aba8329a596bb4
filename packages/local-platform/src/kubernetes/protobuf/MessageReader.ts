/** Reads the tags and values of one protobuf message; throws a RangeError where there are none. */
export class MessageReader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  tag(): { number: number; wireType: number } {
    const tag = Number(this.varint());
    return { number: Math.floor(tag / 8), wireType: tag % 8 };
  }

  value(wireType: number): Buffer | bigint {
    switch (wireType) {
      case 0:
        return this.varint();
      case 1:
        return this.take(8);
      case 2:
        return this.take(Number(this.varint()));
      case 5:
        return this.take(4);
      default:
        throw new RangeError(`wire type ${wireType} is not known`);
    }
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = this.take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new RangeError('a number has more than ten bytes');
  }

  private take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.bytes.length) {
      throw new RangeError('it ends too early');
    }
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }
}
