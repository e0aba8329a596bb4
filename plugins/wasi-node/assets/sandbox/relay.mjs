/**
 * Runs a program whose only way to the network is the portal's proxy:
 *
 *   node relay.mjs <unix socket of the proxy> <program> <arguments …>
 *
 * The sandbox has no network but its own loopback. What arrives at a port there
 * goes to the socket; the program learns the port from the usual variables.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';

const [socketPath, program, ...args] = process.argv.slice(2);

const relay = createServer(incoming => {
  const outgoing = connect(socketPath);
  const end = () => {
    incoming.destroy();
    outgoing.destroy();
  };
  incoming.on('error', end).on('close', end).pipe(outgoing);
  outgoing.on('error', end).on('close', end).pipe(incoming);
});

relay.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${relay.address().port}`;
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...Object.fromEntries(proxies.map(name => [name, address])),
    },
  });
  child.once('error', error => {
    console.error(`${program} could not be started: ${error.code}`);
    process.exit(127);
  });
  child.once('exit', (code, signal) =>
    process.exit(code ?? 128 + constants.signals[signal]),
  );
});
