import request from 'supertest';
import { BackendUnderTest } from './__testUtils__/BackendUnderTest';

const SYNC = '/api/wasi/v1/entities/component/default/synced/sync';
const PLAIN = '/api/wasi/v1/entities/component/default/plain/sync';
const wasi = { sync: { enabled: true, allow: [{ targets: ['prod/shop'] }] } };

describe('the backend plugin, deploying from the catalog', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  it('tells that an entity is not deployed from the catalog', async () => {
    const answer = await request(await backend.start()).get(PLAIN);

    expect([answer.status, answer.body]).toEqual([
      200,
      { enabled: false, findings: [], targets: [] },
    ]);
  });

  it('tells that it is switched off for an entity that asks for it', async () => {
    const answer = await request(await backend.start()).get(SYNC);

    expect(answer.body).toMatchObject({
      enabled: false,
      findings: [{ code: 'SYNC_DISABLED', remedy: expect.any(String) }],
    });
  });

  it('suspends and resumes for who may change modules, and tells the auditor', async () => {
    const audit = jest.fn();
    const server = await backend.start({ wasi, audit });

    const suspended = await request(server)
      .post(`${SYNC}/suspend`)
      .send({ reason: 'black friday' });
    expect(suspended.body.suspended).toEqual({
      by: 'user:default/mock',
      at: expect.any(String),
      reason: 'black friday',
    });
    expect((await request(server).get(SYNC)).body.suspended).toEqual(
      suspended.body.suspended,
    );

    const resumed = await request(server).post(`${SYNC}/resume`);
    expect(resumed.body.suspended).toBeUndefined();
    expect((await request(server).post(`${SYNC}/run`)).status).toBe(200);
    expect(
      audit.mock.calls.map(([{ eventId, ended }]) => [eventId, ended]),
    ).toEqual([
      ['sync-suspend', 'success'],
      ['sync-resume', 'success'],
      ['sync-run', 'success'],
    ]);
  });

  it.each(['suspend', 'resume', 'run'])(
    'refuses to %s without the permission, which the auditor hears of',
    async what => {
      const audit = jest.fn();
      const server = await backend.start({
        wasi,
        audit,
        deny: 'wasi.module.update',
      });
      const answer = await request(server).post(`${SYNC}/${what}`);

      expect(answer.status).toBe(403);
      expect(answer.body.error.message).toContain('wasi.module.update');
      expect(audit).toHaveBeenCalledWith(
        expect.objectContaining({ ended: 'NotAllowedError' }),
      );
      expect((await request(server).get(SYNC)).body.suspended).toBeUndefined();
    },
  );

  it('shows nothing to who may not read modules', async () => {
    const server = await backend.start({ wasi, deny: 'wasi.module.read' });

    expect((await request(server).get(SYNC)).status).toBe(403);
  });

  it.each(['suspend', 'run'])(
    'refuses to %s an entity that is not deployed from the catalog',
    async what => {
      const server = await backend.start({ wasi });
      const answer = await request(server).post(`${PLAIN}/${what}`);

      expect(answer.body.error?.code).toBe('SYNC_NOT_ASKED');
      expect(answer.status).toBe(404);
    },
  );

  it('refuses a reason that is no text', async () => {
    const answer = await request(await backend.start({ wasi }))
      .post(`${SYNC}/suspend`)
      .send({ reason: { $gt: '' } });

    expect([answer.status, answer.body.error.code]).toEqual([
      400,
      'INPUT_INVALID',
    ]);
  });

  it.each([
    { key: 'onRemoval', value: 'burn' },
    { key: 'concurrency', value: 0 },
    { key: 'environments', value: { prod: { mode: 'yolo' } } },
  ])('does not start with a wrong $key', async ({ key, value }) => {
    await expect(
      backend.start({ wasi: { sync: { enabled: true, [key]: value } } }),
    ).rejects.toThrow(`wasi.sync.${key}`);
  });
});
