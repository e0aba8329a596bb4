import { configMaps } from '../resources/configMaps';
import { events } from '../resources/events';
import { parseFieldSelector } from './fieldSelector';
import { parseLabelSelector } from './labelSelector';

describe('parseLabelSelector', () => {
  const labels = { app: 'a', tier: '', 'example.com/x': '1' };
  it.each([
    ['', true],
    ['app=a', true],
    ['app = a , tier==', true],
    ['app=b', false],
    ['app!=b', true],
    ['other!=b', true],
    ['app', true],
    ['!app', false],
    ['other', false],
    ['!other', true],
    ['app in (a, b)', true],
    ['app notin (a,b)', false],
    ['other notin (a)', true],
    ['other in (a)', false],
    ['example.com/x=1,app in (a),!other', true],
    ['constructor', false],
  ])('"%s" selects: %s', (selector, expected) => {
    expect(parseLabelSelector(selector)(labels)).toBe(expected);
  });

  it.each(['a=b=c', 'a in b', '=a', 'a in (b', 'a b'])('refuses %p', text => {
    expect(() => parseLabelSelector(text)).toThrow(
      expect.objectContaining({
        status: expect.objectContaining({ code: 400, reason: 'BadRequest' }),
      }),
    );
  });
});

describe('parseFieldSelector', () => {
  const event = {
    metadata: { name: 'one', namespace: 'default' },
    involvedObject: { kind: 'WasmModule', name: 'a' },
    source: { component: 'runner' },
  };
  it.each([
    ['metadata.name=one', true],
    ['metadata.name!=one', false],
    ['involvedObject.kind==WasmModule,involvedObject.name=a', true],
    ['involvedObject.uid=x', false],
    ['involvedObject.uid=', true],
    ['source=runner', true],
  ])('"%s" selects an event: %s', (selector, expected) => {
    expect(parseFieldSelector(selector, events)(event)).toBe(expected);
  });

  it('knows only the fields of the kind', () => {
    expect(() => parseFieldSelector('type=x', configMaps)).toThrow(
      'field label not supported: type',
    );
  });
});
