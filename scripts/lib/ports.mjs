import { createServer } from 'node:net';
import { UserError } from './UserError.mjs';

const PORTS = {
  portal: { variable: 'WASI_PORTAL_PORT', port: 3000, use: 'the portal' },
  backend: { variable: 'WASI_BACKEND_PORT', port: 7007, use: 'the backend' },
  kubernetes: {
    variable: 'WASI_KUBE_PORT',
    port: 7443,
    use: "the local platform's Kubernetes API",
  },
  registry: {
    variable: 'WASI_REGISTRY_PORT',
    port: 7450,
    use: "the local platform's registry",
  },
  git: {
    variable: 'WASI_GIT_PORT',
    port: 7460,
    use: "the local platform's git host",
  },
};

/** The ports to use: the defaults, or what the environment says. */
export function readPorts(environment = process.env) {
  return Object.fromEntries(
    Object.entries(PORTS).map(([name, { port, variable }]) => {
      const value = environment[variable];
      if (value === undefined) {
        return [name, port];
      }
      const number = Number(value);
      if (!Number.isInteger(number) || number < 1 || number > 65535) {
        throw new UserError(
          `${variable} is "${value}", which is not a port: use a number from 1 to 65535.`,
        );
      }
      return [name, number];
    }),
  );
}

/** Refuses ports that somebody listens on, all of them at once. */
export async function checkPorts(ports) {
  const taken = [];
  for (const [name, port] of Object.entries(ports)) {
    if (await isTaken(port)) {
      taken.push(
        `Port ${port} for ${PORTS[name].use} is taken: end the program that uses it ("lsof -i :${port}" names it), or choose another port with ${PORTS[name].variable}=<port> npm start.`,
      );
    }
  }
  if (taken.length > 0) {
    throw new UserError(taken.join('\n'));
  }
}

async function isTaken(port) {
  return (await refuses(port, '127.0.0.1')) || (await refuses(port, '::1'));
}

function refuses(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', error => {
      switch (error.code) {
        case 'EADDRINUSE':
          resolve(true);
          break;
        case 'EACCES':
          reject(
            new UserError(
              `Port ${port} may not be used by this account: choose one above 1023.`,
            ),
          );
          break;
        default:
          // No IPv6 here: nobody can be in the way.
          resolve(false);
      }
    });
    server.listen({ port, host, exclusive: true }, () =>
      server.close(() => resolve(false)),
    );
  });
}
