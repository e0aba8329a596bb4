export type Environment = Record<string, string | undefined>;

/**
 * Answers one request. Every request meets a fresh instance of the module:
 * what must last belongs elsewhere.
 */
export async function answer(
  request: Request,
  env: Environment,
): Promise<Response> {
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

function greet(name: string, env: Environment): Promise<Response> {
  return text(200, `${env.GREETING || 'Hello'}, ${name}!\n`);
}

async function echo(request: Request, url: URL): Promise<Response> {
  const head = [
    `method: ${request.method}`,
    `path: ${url.pathname}`,
    `query: ${url.search.slice(1)}`,
    'body: ',
  ].join('\n');
  return text(200, head, await request.arrayBuffer(), '\n');
}

async function callUpstream(url: string | undefined): Promise<Response> {
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
async function text(
  status: number,
  ...parts: (string | ArrayBuffer)[]
): Promise<Response> {
  return new Response(await new Blob(parts).arrayBuffer(), {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}
