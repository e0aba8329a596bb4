// Stands for the portal: a process with a secret in its environment, a port, and
// a socket without a file.
const http = require('node:http');
const net = require('node:net');

const server = http.createServer((request, response) =>
  response.end('answer of the backend'),
);
const socket = net.createServer(client => client.end('socket of the backend'));
server.listen(0, '0.0.0.0', () =>
  socket.listen(`\0wasi-backend-${process.pid}`, () =>
    process.send({ port: server.address().port }),
  ),
);
