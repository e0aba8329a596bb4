import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ask, assemble } from './host.js';

let module;

before(() => {
  module = assemble();
});

const headers = { 'content-type': 'text/plain; charset=utf-8' };

test('greets the world', () => {
  assert.deepEqual(ask(module, { path: '/' }), {
    status: 200,
    headers,
    body: 'Hello, world!\n',
  });
});

test('greets who is named, as GREETING says', () => {
  const env = { HOME: '/', GREETING: 'Moi' };
  assert.equal(
    ask(module, { path: '/?a&name=Ada%20Lovelace', env }).body,
    'Moi, Ada Lovelace!\n',
  );
});

test('tells what it was asked', () => {
  const path = '/echo?a=1&b=2';
  assert.equal(
    ask(module, { method: 'POST', path, body: 'some text' }).body,
    'method: POST\npath: /echo\nquery: a=1&b=2\nbody: some text\n',
  );
});

test('tells that no upstream is set', () => {
  assert.deepEqual(ask(module, { path: '/upstream' }), {
    status: 503,
    headers,
    body: 'UPSTREAM_URL is not set\n',
  });
});

test('knows no other path', () => {
  assert.equal(ask(module, { path: '/nowhere' }).status, 404);
  assert.equal(ask(module, { path: '/', method: 'POST' }).status, 404);
});

test('writes after its response is set, and ends the stream before the body', () => {
  const calls = [];
  ask(module, { path: '/nowhere', calls });
  assert.deepEqual(calls.slice(calls.indexOf('response-outparam.set')), [
    'response-outparam.set',
    'outgoing-body.write',
    'output-stream.blocking-write-and-flush',
    'output-stream',
    'outgoing-body.finish',
  ]);
});
