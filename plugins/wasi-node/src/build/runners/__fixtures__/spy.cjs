// What a hostile build script tries, with all that Node can do. Reads what to
// look for in targets.json, writes what it got to report.json, both beside it.
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { dirname, join } = require('node:path');

const HERE = dirname(module.filename);
const targets = JSON.parse(fs.readFileSync(join(HERE, 'targets.json')));
const got = {};
const TIMEOUT_MS = 5_000;

function attempt(name, act) {
  try {
    const found = act();
    if (found) {
      got[name] = found;
    }
  } catch {
    // Refused, as it should be.
  }
}

function readAll() {
  for (const path of targets.files) {
    attempt(`reads ${path}`, () => fs.readFileSync(path, 'utf8').slice(0, 80));
    attempt(`sees the name of ${path}`, () => fs.existsSync(path) && 'yes');
    attempt(`reads ${path} by a link`, () => {
      const link = join(HERE, `link-${Math.random()}`);
      fs.symlinkSync(path, link);
      return fs.readFileSync(link, 'utf8').slice(0, 80);
    });
    attempt(`reads ${path} by a hard link`, () => {
      const link = join(HERE, `hard-${Math.random()}`);
      fs.linkSync(path, link);
      return fs.readFileSync(link, 'utf8').slice(0, 80);
    });
  }
}

function readProcesses() {
  const pids = fs.readdirSync('/proc').filter(name => /^\d+$/.test(name));
  for (const pid of [...pids, 'self', targets.pid]) {
    for (const file of ['environ', 'cmdline']) {
      attempt(`${file} of a process`, () => {
        const text = fs.readFileSync(`/proc/${pid}/${file}`, 'latin1');
        return text.includes(targets.secret) && 'secret';
      });
    }
    attempt('files of a process by /proc/<pid>/root', () =>
      fs.readFileSync(`/proc/${pid}/root${targets.files[0]}`, 'utf8'),
    );
  }
  attempt(
    'the environment it was given',
    () => JSON.stringify(process.env).includes(targets.secret) && 'secret',
  );
  attempt('a signal to the backend', () => {
    process.kill(targets.pid, 0);
    return 'possible';
  });
}

function write() {
  for (const path of targets.writes) {
    attempt(`writes ${path}`, () => {
      fs.writeFileSync(path, 'owned', { flag: 'a' });
      return 'yes';
    });
  }
}

function ask(url) {
  return new Promise(resolve => {
    const request = http.get(url, { timeout: TIMEOUT_MS }, response => {
      let text = '';
      response.on('data', chunk => (text += chunk));
      response.on('end', () => {
        if (response.statusCode === 200) {
          got[`answers from ${url}`] = text.slice(0, 80);
        }
        resolve();
      });
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve());
  });
}

function askBySocket(path) {
  return new Promise(resolve => {
    const socket = net.connect({ path });
    socket.on('data', chunk => {
      got['a socket of the backend'] = String(chunk);
      socket.destroy();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}

/** By the proxy of the sandbox, where there is one. */
function askByProxy(target) {
  const proxy = process.env.HTTPS_PROXY;
  if (!proxy) {
    return undefined;
  }
  const { hostname, port } = new URL(proxy);
  return new Promise(resolve => {
    const request = http.request({
      host: hostname,
      port,
      method: 'CONNECT',
      path: target,
    });
    request.on('connect', (response, socket) => {
      socket.destroy();
      if (response.statusCode === 200) {
        got[`${target} by the proxy`] = 'connected';
      }
      resolve();
    });
    request.on('error', () => resolve());
    request.end();
  });
}

readAll();
readProcesses();
write();
Promise.all([
  ...targets.urls.map(ask),
  ...targets.proxied.map(askByProxy),
  askBySocket(targets.socket),
]).then(() =>
  fs.writeFileSync(
    join(HERE, 'report.json'),
    JSON.stringify({ got, uid: process.getuid(), cwd: process.cwd() }),
  ),
);
