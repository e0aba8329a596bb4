import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from './answer.js';

const get = path => answer(new Request(`http://localhost${path}`));

test('greets the world', async () => {
  const response = await get('/');
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'Hello, world!\n');
});

test('greets who is named', async () => {
  assert.equal(await (await get('/?name=Ada')).text(), 'Hello, Ada!\n');
});

test('knows no other path', async () => {
  assert.equal((await get('/nowhere')).status, 404);
});
