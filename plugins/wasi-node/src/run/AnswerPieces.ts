const HEADER_BYTES = 5;

/**
 * Cuts what a host process sends into its pieces: a letter, a length in 4
 * bytes, the content.
 *
 * @internal
 */
export class AnswerPieces {
  readonly #onPiece: (letter: string, content: Buffer) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes until a piece is whole, as far as is known. */
  #wanted = HEADER_BYTES;

  constructor(onPiece: (letter: string, content: Buffer) => void) {
    this.#onPiece = onPiece;
  }

  read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) {
      return;
    }
    let bytes = Buffer.concat(this.#chunks);
    for (;;) {
      this.#wanted =
        HEADER_BYTES +
        (bytes.length < HEADER_BYTES ? 0 : bytes.readUInt32LE(1));
      if (bytes.length < this.#wanted) {
        break;
      }
      const letter = String.fromCharCode(bytes[0]);
      const content = bytes.subarray(HEADER_BYTES, this.#wanted);
      bytes = bytes.subarray(this.#wanted);
      this.#onPiece(letter, content);
    }
    this.#chunks = [bytes];
    this.#size = bytes.length;
  }
}
