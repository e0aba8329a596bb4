import { readTrialRequest } from './readTrialRequest';

describe('what a component is asked', () => {
  it('is a plain GET where nothing is said', () => {
    expect(readTrialRequest({})).toEqual({
      method: 'GET',
      path: '/',
      headers: {},
    });
  });

  it.each([
    [{ headers: { 'bad name': 'x' } }, 'has a character that cannot be sent'],
    [{ path: '/ü€' }, 'has a character that cannot be sent'],
    [
      { cloudEvent: { type: 'a', source: '/' } },
      'request.cloudEvent: is for modules that are deployed; write its headers instead',
    ],
  ])('is not %j', (request, message) => {
    expect(() => readTrialRequest(request)).toThrow(message);
  });
});
