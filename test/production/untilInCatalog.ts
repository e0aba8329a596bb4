import type { People } from './checkSignIn';

const READ_MS = 60_000;

/** Waits until the catalog has an entity, e.g. `component/default/shop`. */
export async function untilInCatalog(
  people: People,
  entity: string,
): Promise<void> {
  const deadline = Date.now() + READ_MS;
  for (;;) {
    try {
      await people.ask(`api/catalog/entities/by-name/${entity}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await new Promise(done => setTimeout(done, 200));
    }
  }
}
