import { once } from 'node:events';
import { badRequest } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { wholeNumber } from './listObjects';

/** `GET` of a pod's log. */
export async function handleLog(apiRequest: ApiRequest): Promise<void> {
  const { api, definition, path, query, response } = apiRequest;
  api.objects.get(definition, path.namespace, path.name);
  if (query.get('previous') === 'true') {
    throw badRequest(
      `previous terminated container in pod "${path.name}" not found`,
    );
  }
  const limitBytes = wholeNumber(query, 'limitBytes') ?? Infinity;
  const ended = new AbortController();
  const end = () => ended.abort();
  response.once('close', end);
  api.closing.addEventListener('abort', end, { once: true });
  const lines = api.logSource.read(path.namespace, path.name, {
    tailLines: wholeNumber(query, 'tailLines'),
    sinceTime: sinceTime(query, api.clock()),
    timestamps: query.get('timestamps') === 'true',
    follow: query.get('follow') === 'true',
    signal: ended.signal,
  });
  response.writeHead(200, {
    'Content-Type': 'text/plain',
    'Cache-Control': 'no-cache, private',
  });
  response.flushHeaders();
  try {
    let left = limitBytes;
    for await (const line of lines) {
      const bytes = Buffer.from(`${line}\n`).subarray(0, left);
      left -= bytes.length;
      if (!response.write(bytes) && !ended.signal.aborted) {
        await once(response, 'drain', { signal: ended.signal });
      }
      if (left <= 0 || ended.signal.aborted) {
        break;
      }
    }
    response.end();
  } catch (error) {
    // A reader who goes away in the middle is no failure.
    if (!ended.signal.aborted) {
      throw error;
    }
    response.end();
  } finally {
    api.closing.removeEventListener('abort', end);
    end();
  }
}

function sinceTime(query: URLSearchParams, now: Date): Date | undefined {
  const seconds = wholeNumber(query, 'sinceSeconds');
  if (seconds !== undefined) {
    return new Date(now.getTime() - seconds * 1000);
  }
  const text = query.get('sinceTime');
  if (!text) {
    return undefined;
  }
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(text)}`);
  }
  return time;
}
