/** Source of a JavaScript function that tries what its query names, and answers how that went. */
export const capabilitiesHandler = `
import { getDirectories } from 'wasi:filesystem/preopens@0.2.3';

const directory = ({ dir }) => getDirectories().find(([, path]) => path === dir)[0];

const attempts = {
  directories: () => getDirectories().map(([, path]) => path),
  read(query) {
    const file = directory(query).openAt({ symlinkFollow: true }, query.path, {}, { read: true });
    return new TextDecoder().decode(file.read(100n, 0n)[0]);
  },
  write(query) {
    const file = directory(query).openAt({ symlinkFollow: true }, query.path, { create: true }, { read: true, write: true });
    file.write(new TextEncoder().encode('written'), 0n);
    return 'written';
  },
  createDirectory(query) {
    directory(query).createDirectoryAt(query.path);
    return 'created';
  },
  unlink(query) {
    directory(query).unlinkFileAt(query.path);
    return 'unlinked';
  },
  symlink(query) {
    directory(query).symlinkAt(query.target, query.path);
    return 'linked';
  },
};

async function respond(request) {
  const url = new URL(request.url);
  const query = Object.fromEntries(url.searchParams);
  switch (url.pathname) {
    case '/echo': {
      const headers = new Headers({
        'x-method': request.method,
        'x-seen': request.headers.get('x-test') ?? '',
      });
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      return new Response(request.body, { status: 201, headers });
    }
    case '/fetch': {
      try {
        return new Response(await (await fetch(query.url)).text());
      } catch (error) {
        return new Response('refused', { status: 502 });
      }
    }
    case '/log':
      console.log('to stdout');
      console.error('to stderr');
      return new Response('logged');
    default:
      try {
        return Response.json({ ok: attempts[url.pathname.slice(1)](query) });
      } catch (error) {
        return Response.json({ error: error.payload ?? String(error) });
      }
  }
}

addEventListener('fetch', event => event.respondWith(respond(event.request)));
`;

/** What its world imports. */
export const capabilitiesImports = [
  'wasi:filesystem/preopens@0.2.3',
  'wasi:filesystem/types@0.2.3',
];
