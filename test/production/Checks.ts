/** Claims, each of which holds or does not; one that does not leaves the others their turn. */
export class Checks {
  #passed = 0;
  readonly #failures: string[] = [];

  async check(claim: string, prove: () => Promise<void>): Promise<void> {
    const begun = Date.now();
    try {
      await prove();
      this.#passed += 1;
      console.log(`  ok ${claim} (${Date.now() - begun} ms)`);
    } catch (error) {
      this.failed(claim, error);
    }
  }

  failed(claim: string, error: unknown): void {
    this.#failures.push(claim);
    console.log(`  FAILED ${claim}`);
    console.log(`    ${(error as Error).stack ?? error}`.slice(0, 4_000));
  }

  /** @returns The exit code. */
  report(): number {
    for (const claim of this.#failures) {
      console.log(`FAILED ${claim}`);
    }
    console.log(`${this.#passed} passed, ${this.#failures.length} failed`);
    return this.#failures.length > 0 ? 1 : 0;
  }
}
