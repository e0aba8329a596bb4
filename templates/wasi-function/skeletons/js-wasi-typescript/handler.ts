import { getEnvironment } from 'wasi:cli/environment@0.2.3';
import { answer } from './answer.ts';

addEventListener('fetch', event =>
  event.respondWith(
    answer(event.request, Object.fromEntries(getEnvironment())),
  ),
);
