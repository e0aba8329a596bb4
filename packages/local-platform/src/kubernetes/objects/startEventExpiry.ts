import { events, lastSeen } from '../resources/events';
import type { JsonObject } from '../schema/Schema';
import type { ResourceObjects } from './ResourceObjects';

const KEPT_MS = 60 * 60 * 1000;
const INTERVAL_MS = 60 * 1000;

/** Removes events an hour after they were last seen, as clusters do; returns the function that ends it. */
export function startEventExpiry(
  objects: ResourceObjects,
  clock: () => Date,
): () => void {
  const timer = setInterval(() => expireEvents(objects, clock()), INTERVAL_MS);
  timer.unref();
  expireEvents(objects, clock());
  return () => clearInterval(timer);
}

function expireEvents(objects: ResourceObjects, now: Date): void {
  for (const event of objects.versioned.list(events.plural)) {
    const seen = Date.parse(String(lastSeen(event as unknown as JsonObject)));
    if (now.getTime() - seen > KEPT_MS) {
      const { namespace = '', name } = event.metadata;
      objects.delete(events, namespace, name, { dryRun: false });
    }
  }
}
