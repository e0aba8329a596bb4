/**
 * Answers one request. Every request meets a fresh instance of the module:
 * what must last belongs elsewhere.
 *
 * @param {Request} request
 * @returns {Promise<Response>}
 */
export async function answer(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== '/') {
    return new Response('Not found\n', { status: 404 });
  }
  const name = searchParams.get('name') ?? 'world';
  return new Response(`Hello, ${name}!\n`, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}
