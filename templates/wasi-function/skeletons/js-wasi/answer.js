/**
 * Answers one request. Every request meets a fresh instance of the module:
 * what must last belongs elsewhere.
 *
 * @param {Request} request
 * @param {Record<string, string>} env
 * @returns {Promise<Response>}
 */
export async function answer(request, env) {
  const url = new URL(request.url);
  if (url.pathname === '/echo') {
    return echo(request, url);
  }
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /':
      return greet(url.searchParams.get('name') ?? 'world', env);
    case 'GET /upstream':
      return callUpstream(env.UPSTREAM_URL);
    default:
      return text(404, 'Not found\n');
  }
}

function greet(name, env) {
  return text(200, `${env.GREETING || 'Hello'}, ${name}!\n`);
}

async function echo(request, url) {
  const head = [
    `method: ${request.method}`,
    `path: ${url.pathname}`,
    `query: ${url.search.slice(1)}`,
    'body: ',
  ].join('\n');
  return text(200, head, await request.arrayBuffer(), '\n');
}

async function callUpstream(url) {
  if (!url) {
    return text(503, 'UPSTREAM_URL is not set\n');
  }
  try {
    const response = await fetch(url);
    const body = await response.arrayBuffer();
    return text(200, `upstream: ${response.status}\n`, body);
  } catch {
    return text(502, 'upstream failed\n');
  }
}

/** Parts are strings, or bytes that go out as they are. */
async function text(status, ...parts) {
  return new Response(await new Blob(parts).arrayBuffer(), {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}
